"""What a memory must do with the requests that it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stage6.state import read_use
from stage6.values import said, value_error, wrong_error

from autograder.program.model import Observation, Op, Violation


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
            return value_error(args["num_blocks"] < 1 or self._block < 1)
        if op.name == "contiguous":
            self._size, self._longest = args["num_slots"], args["max_model_len"]
            return ()
        if op.name == "admit":
            long = not self._block and args["prompt"] + args["output"] > self._longest
            return value_error(args["request"] in self._held or long)
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
