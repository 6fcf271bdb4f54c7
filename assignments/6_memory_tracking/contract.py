"""The handout's contract as predicates over two neighbouring observations.

Says what must hold between what was seen before and after one operation. Students get it, and
their failures are explained in its words. Functions that keep nothing are judged by values that
the tests state; here, only by the errors that are due. postconditions.py has the tracker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stage6.language import TRACKED
from stage6.postconditions import TrackerRules
from stage6.state import Malformed, Piece, piece, read_holes, read_use, said, wrong_error

from autograder.program.model import NotWritten, Observation, Op, Violation


class Contract:
    """Checks the observations of one program, in order."""

    def __init__(self) -> None:
        self._allocator = AllocatorRules()
        self._memory = MemoryRules()
        self._tracker = TrackerRules()

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every sentence of the contract that this operation breaks."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        try:
            if op.name in ("first_fit", "buddy", "take", "give"):
                yield from self._allocator.step(op, seen)
            elif op.name in ("paged", "contiguous", "admit", "append", "release", "use"):
                yield from self._memory.step(op, seen)
            elif op.name in ("tracker", "percentile", *TRACKED):
                yield from self._tracker.step(op, seen)
            else:
                yield from wrong_error(DUE[op.name](**op.args), seen)
        except Malformed as malformed:
            yield malformed.violation


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
        due = _value_error(self._size < 1) if made else self._due(op)
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


class MemoryRules:
    """What a contiguous or paged memory must do."""

    def __init__(self) -> None:
        self._size = self._block = self._longest = 0
        self._held: dict[str, tuple[int, int]] = {}
        self._use: list[int] = []

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Judge one operation."""
        args: Mapping[str, Any] = op.args
        due = self._due(op, args)
        yield from wrong_error(due, seen)
        if op.name in ("paged", "contiguous") and (due or seen.error):
            return
        before, self._use = self._use, read_use(seen.state)
        if due or seen.result is False or op.name == "use":
            if self._use != before:
                yield Violation("I8", f"use {before}", f"use {self._use}")
        if op.name == "use" and not seen.error:
            result = seen.result
            if not isinstance(result, list) or result[:3] != before[:3]:
                yield Violation(
                    "I6", f"the waiting request changes nothing in {before[:3]}", said(result)
                )
        if due or seen.error:
            return
        if op.name in ("admit", "append"):
            yield from self._granted(op, args, before, seen)
        elif op.name == "release":
            del self._held[args["request"]]
        yield from self._sums()

    def _due(self, op: Op, args: Mapping[str, Any]) -> tuple[str, ...]:
        if op.name == "paged":
            self._block = args["block_size"]
            self._size = self._longest = args["num_blocks"] * self._block
            return _value_error(args["num_blocks"] < 1 or self._block < 1)
        if op.name == "contiguous":
            self._size, self._longest = args["num_slots"], args["max_model_len"]
            return ()
        if op.name == "admit":
            long = not self._block and args["prompt"] + args["output"] > self._longest
            return _value_error(args["request"] in self._held or long)
        known = op.name == "use" or args["request"] in self._held
        return () if known else ("UnknownRequest",)

    def _granted(
        self, op: Op, args: Mapping[str, Any], before: list[int], seen: Observation
    ) -> Iterator[Violation]:
        request = args["request"]
        if seen.result not in (True, False):
            yield Violation("", "True or False", said(seen.result))
            return
        if op.name == "admit":
            used, tokens = args["prompt"], args["prompt"] + args["output"]
        else:
            used, tokens = self._held[request][0] + 1, self._held[request][1]
        if self._block:
            stored = self._held.get(request, (0, 0))[0]
            room = before[4] >= self._blocks(used) - self._blocks(stored)
            if seen.result is not room:
                yield Violation("I7", f"{room}: {before[4]} slots are free", f"{seen.result}")
        elif op.name == "append" and used <= tokens and not seen.result:
            yield Violation("I6", "True: slots are reserved for it", "False")
        elif op.name == "append" and before[1] + before[2] == 0 and seen.result:
            yield Violation("I6", "False: the region is full", "True")
        if seen.result:
            self._held[request] = (used, tokens)

    def _sums(self) -> Iterator[Violation]:
        used, reservation, internal, external, free = self._use
        held = self._held.values()
        if used + reservation + internal + external + free != self._size or min(self._use) < 0:
            yield Violation("I6", f"five parts that add up to {self._size}", f"{self._use}")
        if used != sum(stored for stored, _ in held):
            yield Violation("I6", f"used {sum(stored for stored, _ in held)}", f"used {used}")
        later = sum(self._most(stored, tokens) - stored for stored, tokens in held)
        if reservation != later:
            yield Violation("I6", f"reservation {later}", f"reservation {reservation}")
        taken = sum(self._blocks(stored) for stored, _ in held) if self._block else 0
        if self._block and (external or used + reservation + internal != taken):
            right = f"{taken} slots in blocks, no external waste"
            yield Violation("I7", right, f"use {self._use}")

    def _blocks(self, tokens: int) -> int:
        """Slots of the blocks that so many tokens need."""
        return -(-tokens // self._block) * self._block

    def _most(self, stored: int, tokens: int) -> int:
        """Slots of a request that hold a token now or later."""
        return max(stored, min(self._blocks(stored), tokens) if self._block else tokens)


def _value_error(wrong: bool) -> tuple[str, ...]:
    return ("ValueError",) if wrong else ()


def _overloaded(invalid: bool, load: float) -> tuple[str, ...]:
    return _value_error(invalid) or (("Overloaded",) if load >= 1 else ())


DUE: Mapping[str, Callable[..., tuple[str, ...]]] = {
    "token_bytes": lambda config, cache_dtype: _value_error(
        (config.get("torch_dtype") if cache_dtype == "auto" else cache_dtype)
        not in ("float32", "bfloat16", "float16", "fp8")
    ),
    "budget_blocks": lambda config, block_size, budget_bytes: _value_error(
        block_size < 1 or budget_bytes < 0
    ),
    "request_blocks": lambda config, block_size, num_tokens: _value_error(
        block_size < 1 or num_tokens < 0
    ),
    "reserved": lambda policy, prompt, output, max_model_len: _value_error(
        prompt + output > max_model_len
    ),
    "split": lambda **_: (),
    "replay": lambda **_: (),
    "example": lambda **_: (),
    "summarize": lambda stays, start, end: _value_error(
        end <= start or any(departure < arrival for arrival, departure in stays)
    ),
    "wait": lambda rate, services: _overloaded(
        rate < 0 or not services, rate * sum(services) / max(1, len(services))
    ),
    "sojourn": lambda rate, output, fixed, each, batch: _overloaded(
        rate < 0 or output <= 0, rate * output * (each + (fixed / batch if batch else 0.0))
    ),
    "largest": lambda output, **_: _value_error(output <= 0),
}
"""For functions that keep nothing: the errors of which one must be raised, by operation."""
