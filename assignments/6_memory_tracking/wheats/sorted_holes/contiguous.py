"""Holes by start in sorted lists; buddies as free lists by power, with a heap each."""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections import defaultdict

from pagedlab.errors import OutOfSlots, UnknownRequest
from pagedlab.replay import Region


class FirstFitAllocator:
    """Two parallel lists: where a hole begins and where it ends."""

    def __init__(self, num_slots: int) -> None:
        if num_slots < 1:
            raise ValueError(num_slots)
        self.num_slots = num_slots
        self._begins, self._ends = [0], [num_slots]
        self._regions: dict[str, Region] = {}

    def allocate(self, request_id: str, num_slots: int) -> Region:
        """Shorten the first hole that is long enough."""
        if num_slots < 1 or request_id in self._regions:
            raise ValueError(request_id)
        for index in range(len(self._begins)):
            begin = self._begins[index]
            if self._ends[index] - begin < num_slots:
                continue
            self._begins[index] += num_slots
            if self._begins[index] == self._ends[index]:
                del self._begins[index], self._ends[index]
            self._regions[request_id] = Region(begin, num_slots)
            return self._regions[request_id]
        raise OutOfSlots(num_slots)

    def free(self, request_id: str) -> None:
        """Insert a hole, and melt it with its neighbours."""
        region = self._regions.pop(request_id, None)
        if region is None:
            raise UnknownRequest(request_id)
        begin, end = region.start, region.start + region.num_slots
        index = bisect_left(self._begins, begin)
        if index < len(self._begins) and self._begins[index] == end:
            end = self._ends.pop(index)
            self._begins.pop(index)
        if index > 0 and self._ends[index - 1] == begin:
            self._ends[index - 1] = end
            return
        insort(self._begins, begin)
        self._ends.insert(index, end)

    def holes(self) -> list[Region]:
        """Begins and ends, zipped."""
        pairs = zip(self._begins, self._ends, strict=True)
        return [Region(begin, end - begin) for begin, end in pairs]


class BuddyAllocator:
    """A heap of starts for each power; an entry that is no longer free is passed over."""

    def __init__(self, num_slots: int) -> None:
        if num_slots < 1:
            raise ValueError(num_slots)
        self.num_slots = num_slots
        self._free: set[tuple[int, int]] = set()
        self._heaps: defaultdict[int, list[int]] = defaultdict(list)
        self._regions: dict[str, tuple[int, int]] = {}
        start = 0
        for power in range(num_slots.bit_length() - 1, -1, -1):
            if num_slots >> power & 1:
                self._add(power, start)
                start += 1 << power

    def allocate(self, request_id: str, num_slots: int) -> Region:
        """Climb to a power that has something, and come back halving."""
        if num_slots < 1 or request_id in self._regions:
            raise ValueError(request_id)
        power = (num_slots - 1).bit_length()
        for higher in range(power, self.num_slots.bit_length()):
            start = self._pop(higher)
            if start is not None:
                break
        else:
            raise OutOfSlots(num_slots)
        while higher > power:
            higher -= 1
            self._add(higher, start + (1 << higher))
        self._regions[request_id] = (power, start)
        return Region(start, 1 << power)

    def free(self, request_id: str) -> None:
        """Climb as long as the other half is free."""
        if request_id not in self._regions:
            raise UnknownRequest(request_id)
        power, start = self._regions.pop(request_id)
        while (power, start ^ (1 << power)) in self._free:
            self._free.remove((power, start ^ (1 << power)))
            start &= ~(1 << power)
            power += 1
        self._add(power, start)

    def holes(self) -> list[Region]:
        """All free pieces."""
        return [Region(start, 1 << power) for start, power in sorted((s, p) for p, s in self._free)]

    def _add(self, power: int, start: int) -> None:
        self._free.add((power, start))
        heapq.heappush(self._heaps[power], start)

    def _pop(self, power: int) -> int | None:
        heap = self._heaps[power]
        while heap:
            start = heapq.heappop(heap)
            if (power, start) in self._free:
                self._free.remove((power, start))
                return start
        return None
