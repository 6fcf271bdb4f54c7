"""Both allocators over one byte a slot: a hole is found as a run of zeros."""

from __future__ import annotations

from pagedlab.errors import OutOfSlots, UnknownRequest
from pagedlab.replay import Region


class _Bitmap:
    def __init__(self, num_slots: int) -> None:
        if num_slots < 1:
            raise ValueError("num_slots")
        self.num_slots = num_slots
        self._taken = bytearray(num_slots)
        self._where: dict[str, slice] = {}

    def _mark(self, request_id: str, start: int, size: int) -> Region:
        self._where[request_id] = slice(start, start + size)
        self._taken[start : start + size] = b"\1" * size
        return Region(start, size)

    def _refuse(self, request_id: str, num_slots: int) -> None:
        if request_id in self._where or num_slots <= 0:
            raise ValueError(request_id)

    def free(self, request_id: str) -> None:
        """Clear the request's bytes."""
        try:
            where = self._where.pop(request_id)
        except KeyError:
            raise UnknownRequest(request_id) from None
        self._taken[where] = bytes(where.stop - where.start)


class FirstFitAllocator(_Bitmap):
    """First fit is what bytes.find does."""

    def allocate(self, request_id: str, num_slots: int) -> Region:
        """Take the first run of zeros."""
        self._refuse(request_id, num_slots)
        start = self._taken.find(bytes(num_slots))
        if start < 0:
            raise OutOfSlots(request_id)
        return self._mark(request_id, start, num_slots)

    def holes(self) -> list[Region]:
        """Runs of zeros."""
        found, start = [], self._taken.find(0)
        while start >= 0:
            end = self._taken.find(1, start)
            end = self.num_slots if end < 0 else end
            found.append(Region(start, end - start))
            start = self._taken.find(0, end)
        return found


class BuddyAllocator(_Bitmap):
    """Pieces follow from the bytes alone: a free piece is one of zeros, as large as it can be."""

    def allocate(self, request_id: str, num_slots: int) -> Region:
        """Take the lower end of the best piece."""
        self._refuse(request_id, num_slots)
        size = 1
        while size < num_slots:
            size <<= 1
        fits = sorted(
            (hole.num_slots, hole.start) for hole in self.holes() if hole.num_slots >= size
        )
        if not fits:
            raise OutOfSlots(request_id)
        return self._mark(request_id, fits[0][1], size)

    def holes(self) -> list[Region]:
        """Free pieces of every root."""
        found: list[Region] = []
        start = 0
        rest = self.num_slots
        while rest:
            size = 1 << rest.bit_length() - 1
            self._collect(start, size, found)
            start, rest = start + size, rest - size
        return found

    def _collect(self, start: int, size: int, found: list[Region]) -> None:
        if not any(self._taken[start : start + size]):
            found.append(Region(start, size))
        elif size > 1:
            self._collect(start, size // 2, found)
            self._collect(start + size // 2, size // 2, found)
