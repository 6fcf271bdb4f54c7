"""A pool of slots, of which any may be taken and given back."""

from __future__ import annotations


class OutOfSlots(Exception):
    """More slots are asked for than are free."""


class Slots:
    """Owns the slots 0 ... size - 1."""

    def __init__(self, size: int) -> None:
        self._free = list(range(size))
        self._held: set[int] = set()

    def take(self, count: int) -> list[int]:
        """Hand out `count` free slots, or raise OutOfSlots and change nothing."""
        if count > len(self._free):
            raise OutOfSlots(count)
        taken = [self._free.pop() for _ in range(count)]
        self._held.update(taken)
        return taken

    def give(self, slots: list[int]) -> None:
        """Take slots back, or raise ValueError and change nothing if one is not held."""
        if len(set(slots)) < len(slots) or not self._held.issuperset(slots):
            raise ValueError(slots)
        self._held.difference_update(slots)
        self._free.extend(slots)

    def free(self) -> int:
        """How many slots are free."""
        return len(self._free)
