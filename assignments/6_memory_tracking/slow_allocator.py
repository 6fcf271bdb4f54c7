"""An allocator that keeps the owner of every slot."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.protocol.plain import Json


class Refused(Exception):
    """The operation must raise one of these errors."""

    def __init__(self, *errors: str) -> None:
        super().__init__(*errors)
        self.errors = errors


class SlowAllocator:
    """Every slot says who owns it; holes are found by looking."""

    def __init__(self, num_slots: int, buddy: bool) -> None:
        if num_slots < 1:
            raise Refused("ValueError")
        self.owner: list[str] = [""] * num_slots
        self._buddy = buddy

    def holes(self) -> list[list[int]]:
        """Free pieces by rising start."""
        if not self._buddy:
            return self._runs()
        roots, start = [], 0
        for power in reversed(range(len(self.owner).bit_length())):
            if len(self.owner) & 1 << power:
                roots.append((start, 1 << power))
                start += 1 << power
        return [piece for root in roots for piece in self._pieces(*root)]

    def _runs(self) -> list[list[int]]:
        found: list[list[int]] = []
        for slot, owner in enumerate(self.owner):
            if owner:
                continue
            if found and sum(found[-1]) == slot:
                found[-1][1] += 1
            else:
                found.append([slot, 1])
        return found

    def _pieces(self, start: int, size: int) -> list[list[int]]:
        """What is free of a piece, undivided if all of it is."""
        slots = self.owner[start : start + size]
        if not any(slots):
            return [[start, size]]
        if all(slots):
            return []
        half = size // 2
        return self._pieces(start, half) + self._pieces(start + half, half)

    def take(self, request: str, num_slots: int) -> list[int]:
        """Allocate."""
        if num_slots < 1 or request in self.owner:
            raise Refused("ValueError")
        size = num_slots
        while self._buddy and size & (size - 1):
            size += 1
        fits = [hole for hole in self.holes() if hole[1] >= size]
        if not fits:
            raise Refused("OutOfSlots")
        start = min(fits, key=lambda hole: (hole[1] if self._buddy else 0, hole[0]))[0]
        self.owner[start : start + size] = [request] * size
        return [start, size]

    def give(self, request: str) -> None:
        """Free."""
        if request not in self.owner:
            raise Refused("UnknownRequest")
        self.owner = ["" if owner == request else owner for owner in self.owner]

    def state(self) -> Mapping[str, Json]:
        """What must be shown."""
        return {"holes": [list(hole) for hole in self.holes()]}


def reserved_size(policy: str, prompt: int, output: int, max_model_len: int) -> int:
    """Slots that a policy reserves."""
    if prompt + output > max_model_len:
        raise Refused("ValueError")
    power = 1
    while power < output:
        power *= 2
    rounded = power if output else 0
    return {
        "max": max_model_len,
        "oracle": prompt + output,
        "pow2": min(max_model_len, prompt + rounded),
    }[policy]
