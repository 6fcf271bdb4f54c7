"""What an allocator of contiguous regions must do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stage6.state import read_holes
from stage6.values import Piece, piece, value_error, wrong_error

from autograder.program.model import Observation, Op, Violation


class AllocatorRules:
    """What a first-fit or buddy allocator must do."""

    def __init__(self) -> None:
        self._buddy = False
        self._size = 0
        self._regions: dict[str, Piece] = {}
        self._holes: list[Piece] = []

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Judge one operation."""
        args: Mapping[str, Any] = op.args
        made = op.name in ("first_fit", "buddy")
        if made:
            self._buddy, self._size = op.name == "buddy", args["num_slots"]
        due = value_error(self._size < 1) if made else self._due(op)
        yield from wrong_error(due, seen)
        if made and (due or seen.error):
            return
        before, self._holes = self._holes, read_holes(seen.state)
        if due:
            if self._holes != before:
                yield Violation("I8", f"holes {before}", f"holes {self._holes}")
        elif not seen.error:
            if op.name == "take":
                yield from self._taken(args["request"], args["num_slots"], before, seen)
            elif op.name == "give":
                del self._regions[args["request"]]
            yield from self._tiling()

    def _due(self, op: Op) -> tuple[str, ...]:
        args: Mapping[str, Any] = op.args
        held = args["request"] in self._regions
        if op.name == "give":
            return () if held else ("UnknownRequest",)
        if held or args["num_slots"] < 1:
            return ("ValueError",)
        fits = any(size >= args["num_slots"] for _, size in self._holes)
        return () if fits else ("OutOfSlots",)

    def _taken(
        self, request: str, wanted: int, before: list[Piece], seen: Observation
    ) -> Iterator[Violation]:
        start, size = self._regions[request] = piece("the region", seen.result)
        fits = [hole for hole in before if hole[1] >= wanted]
        if not any(hole <= start and start + size <= hole + most for hole, most in before):
            yield Violation("I3", f"a region in one of the holes {before}", f"{(start, size)}")
        elif self._buddy:
            lowest = min(fits, key=lambda hole: (hole[1], hole[0]))[0]
            if size < wanted or size >= 2 * wanted or size & (size - 1) or start != lowest:
                right = f"a power of two of at least {wanted} slots at {lowest}"
                yield Violation("I5", right, f"{size} slots at {start}")
        elif (start, size) != (min(fits)[0], wanted):
            yield Violation("I4", f"{wanted} slots at {min(fits)[0]}", f"{size} slots at {start}")

    def _tiling(self) -> Iterator[Violation]:
        """Regions and holes fill the memory without overlap; holes are as large as they may be."""
        reached = 0
        for start, size in sorted([*self._regions.values(), *self._holes]):
            if start != reached or size < 1:
                yield Violation("I3", f"a region or hole at {reached}", f"one at {start}")
                return
            reached += size
        if reached != self._size or self._holes != sorted(self._holes):
            shown = f"holes {self._holes}"
            yield Violation("I3", f"holes by rising start, up to {self._size}", shown)
        for start, size in self._holes:
            buddy = (start ^ size, size)
            if self._buddy and (size & (size - 1) or start % size or buddy in self._holes):
                shown = f"hole of {size} at {start} among {self._holes}"
                yield Violation("I5", "holes cut in halves, no two of them buddies", shown)
            if not self._buddy and any(start + size == other for other, _ in self._holes):
                yield Violation("I4", "holes that touch are one", f"holes {self._holes}")
