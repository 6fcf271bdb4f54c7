"""First fit over an event list of starts; buddies as a binary tree of nodes."""

from __future__ import annotations

from dataclasses import dataclass

from pagedlab.errors import OutOfSlots, UnknownRequest
from pagedlab.replay import Region


class FirstFitAllocator:
    """Keeps regions only: holes are what lies between them."""

    def __init__(self, num_slots: int) -> None:
        if num_slots < 1:
            raise ValueError("too small")
        self.num_slots = num_slots
        self._regions: dict[str, Region] = {}

    def allocate(self, request_id: str, num_slots: int) -> Region:
        """Look between the regions."""
        if request_id in self._regions or num_slots < 1:
            raise ValueError("misuse")
        hole = next((one for one in self.holes() if one.num_slots >= num_slots), None)
        if hole is None:
            raise OutOfSlots("no hole")
        self._regions[request_id] = Region(hole.start, num_slots)
        return self._regions[request_id]

    def free(self, request_id: str) -> None:
        """Forget the region."""
        if self._regions.pop(request_id, None) is None:
            raise UnknownRequest(request_id)

    def holes(self) -> list[Region]:
        """Gaps between regions in order."""
        gaps, end = [], 0
        regions = sorted(self._regions.values(), key=lambda one: one.start)
        for region in [*regions, Region(self.num_slots, 0)]:
            if region.start > end:
                gaps.append(Region(end, region.start - end))
            end = region.start + region.num_slots
        return gaps


@dataclass
class _Node:
    start: int
    size: int
    owner: str = ""
    halves: tuple[_Node, _Node] | None = None

    def pieces(self) -> list[_Node]:
        if self.halves:
            return self.halves[0].pieces() + self.halves[1].pieces()
        return [] if self.owner else [self]


class BuddyAllocator:
    """Each piece is a node; halving gives it two children, joining takes them away."""

    def __init__(self, num_slots: int) -> None:
        if num_slots < 1:
            raise ValueError("too small")
        self.num_slots = num_slots
        self._roots: list[_Node] = []
        self._owned: dict[str, list[_Node]] = {}
        start = 0
        while start < num_slots:
            size = 1
            while size * 2 <= num_slots - start:
                size *= 2
            self._roots.append(_Node(start, size))
            start += size

    def allocate(self, request_id: str, num_slots: int) -> Region:
        """Descend from the best free node."""
        if request_id in self._owned or num_slots < 1:
            raise ValueError("misuse")
        fits = [(n.size, n.start, root, n) for root in self._roots for n in root.pieces()]
        fits = [one for one in fits if one[0] >= num_slots]
        if not fits:
            raise OutOfSlots("no piece")
        _, _, root, node = min(fits, key=lambda one: one[:2])
        path = self._path(root, node)
        while node.size // 2 >= num_slots:
            half = node.size // 2
            node.halves = (_Node(node.start, half), _Node(node.start + half, half))
            node = node.halves[0]
            path.append(node)
        node.owner = request_id
        self._owned[request_id] = path
        return Region(node.start, node.size)

    def free(self, request_id: str) -> None:
        """Climb the path and take away children that are both free."""
        path = self._owned.pop(request_id, None)
        if path is None:
            raise UnknownRequest(request_id)
        path[-1].owner = ""
        for node in reversed(path[:-1]):
            if node.halves and all(not h.owner and not h.halves for h in node.halves):
                node.halves = None

    def holes(self) -> list[Region]:
        """Leaves without an owner."""
        return [Region(n.start, n.size) for root in self._roots for n in root.pieces()]

    def _path(self, root: _Node, wanted: _Node) -> list[_Node]:
        path = [root]
        while path[-1] is not wanted:
            halves = path[-1].halves
            assert halves is not None
            path.append(halves[wanted.start >= halves[1].start])
        return path
