"""What every event of a tracker must do, seen from outside: its sums against a scan."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from stage6.state import TrackerState, read_tracker
from stage6.values import EXACT, integer, wrong_error

from autograder.program.model import Observation, Op, Violation

Holders = dict[int, set[str]]


class TrackerRules:
    """Judges the events of one tracker. Whoever holds a block is read from what is shown."""

    def __init__(self) -> None:
        self._num_blocks = self._block_size = 0
        self._before = TrackerState((0, 0, 0, 0), 0, 0.0, {}, ())
        self._filled: dict[int, int] = {}
        self._finished: set[str] = set()
        self._now = 0.0
        self._passed: list[tuple[float, int]] = []

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Judge one operation."""
        args: Mapping[str, Any] = op.args
        if op.name == "percentile":
            right = 0 < args["percent"] <= 100
            yield from wrong_error(() if right else ("ValueError",), seen)
            if right and not seen.error:
                level = integer("the percentile", seen.result, "I11")
                yield from self._level(args["percent"], level)
            return
        due = self._due(op, args)
        yield from wrong_error(due, seen)
        if op.name == "tracker" and (due or seen.error):
            return
        before, after = self._before, read_tracker(seen.state, self._num_blocks)
        self._before = after
        if due:
            if after != before:
                yield Violation("I8", *_difference(before, after))
        elif not seen.error:
            expected = self._apply(op, args, before)
            for block, names in expected.items():
                if after.holders.get(block) != tuple(sorted(names)):
                    shown = f"{list(after.holders.get(block, ()))}"
                    yield Violation("I10", f"block {block} held by {sorted(names)}", shown)
            yield from self._sums(after)
            yield from self._over_time(after)
            yield from self._leaks(after, expected)

    def _due(self, op: Op, args: Mapping[str, Any]) -> tuple[str, ...]:
        """The errors of which one must be raised; none if the event is in order."""
        if op.name == "tracker":
            self._num_blocks, self._block_size = args["num_blocks"], args["block_size"]
            return ("ValueError",) if self._num_blocks < 2 or self._block_size < 1 else ()
        due = ["ValueError"] if args["time"] < self._now else []
        listed = [args["block"]] if op.name == "write" else args.get("blocks", [])
        if any(not 0 <= block < self._num_blocks for block in listed):
            due.append("UnknownBlock")
        blocks = [block for block in listed if block]
        names = [set(self._before.holders.get(block, ())) for block in blocks]
        if op.name == "write":
            if not 0 <= args["num_tokens"] <= self._block_size:
                due.append("ValueError")
            wrong = not blocks or not names[0]
        elif op.name == "finish":
            wrong = False
        else:
            request = args["request"]
            wrong = len(set(blocks)) < len(blocks)
            wrong |= op.name != "free" and request in self._finished
            wrong |= op.name == "allocate" and any(names)
            wrong |= op.name == "share" and any(request in held for held in names)
            wrong |= op.name == "free" and any(request not in held for held in names)
        return (*due, "ContradictoryEvent") if wrong else tuple(due)

    def _apply(self, op: Op, args: Mapping[str, Any], before: TrackerState) -> Holders:
        """Note an event that is in order; give who must hold each block after it."""
        holders = {block: set(names) for block, names in before.holders.items()}
        if op.name == "tracker":
            return {block: set() for block in range(self._num_blocks)}
        self._passed.append((args["time"] - self._now, before.num_used))
        self._now = args["time"]
        if op.name == "write":
            self._filled[args["block"]] = args["num_tokens"]
            return holders
        request = args["request"]
        for block in filter(None, args.get("blocks", [])):
            if op.name == "free":
                holders[block].discard(request)
            else:
                holders[block].add(request)
            if op.name == "allocate":
                self._filled[block] = 0
        if op.name == "finish":
            self._finished.add(request)
        if not any(request in names for names in holders.values()):
            self._finished.discard(request)
        return holders

    def _sums(self, after: TrackerState) -> Iterator[Violation]:
        """Compare the tracker's sums with a scan of all blocks."""
        used = [block for block, names in after.holders.items() if names]
        shared = sum(len(after.holders[block]) > 1 for block in used)
        tokens = sum(self._filled.get(block, 0) for block in used)
        scan = (len(used), shared, tokens, len(used) * self._block_size - tokens)
        words = ("used blocks", "shared blocks", "tokens", "wasted slots")
        for word, right, shown in zip(words, scan, after.usage, strict=True):
            if right != shown:
                yield Violation("I10", f"{right} {word}", f"{shown} {word}")
                return

    def _over_time(self, after: TrackerState) -> Iterator[Violation]:
        peak = max([after.num_used, *(used for _, used in self._passed)])
        if after.peak != peak:
            yield Violation("I11", f"peak {peak} blocks", f"peak {after.peak}")
        usable = self._num_blocks - 1
        area = sum(seconds * used for seconds, used in self._passed)
        mean = (area / self._now if self._now else after.num_used) / usable
        if not math.isclose(after.mean, mean, rel_tol=EXACT, abs_tol=EXACT):
            yield Violation("I11", f"mean usage {mean:.6g}", f"{after.mean:.6g}")
        for percent, level in after.percentiles.items():
            yield from self._level(float(percent), level)

    def _level(self, percent: float, level: int) -> Iterator[Violation]:
        """A percentile by its definition: enough of the time at most there, and not below it."""
        usable = self._num_blocks - 1
        passed = self._passed if self._now else [(1.0, self._before.num_used)]
        total = sum(seconds for seconds, _ in passed)

        def at_most(limit: int) -> float:
            within = [seconds for seconds, used in passed if 100 * used <= limit * usable]
            return 100 * sum(within) / total

        if at_most(level) < percent or (level > 0 and at_most(level - 1) >= percent):
            right = next(limit for limit in range(101) if at_most(limit) >= percent)
            yield Violation("I11", f"at most {right} % for {percent:g} % of the time", f"{level} %")

    def _leaks(self, after: TrackerState, holders: Holders) -> Iterator[Violation]:
        leaks = sorted(
            (name, block)
            for block, names in holders.items()
            for name in names
            if name in self._finished
        )
        if list(after.leaks) != leaks:
            yield Violation("I12", _named(leaks), _named(list(after.leaks)))


def _named(leaks: list[tuple[str, int]]) -> str:
    return "; ".join(f"{name} leaks block {block}" for name, block in leaks) or "no leak"


def _difference(before: TrackerState, after: TrackerState) -> tuple[str, str]:
    """The first thing that differs, as it was and as it is."""
    for name in ("usage", "holders", "peak", "mean", "percentiles", "leaks"):
        if getattr(before, name) != getattr(after, name):
            return f"{name} {getattr(before, name)}", f"{name} {getattr(after, name)}"
    return "no change", "a change"
