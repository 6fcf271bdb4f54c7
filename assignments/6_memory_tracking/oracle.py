"""A slow, obvious model of stage 6. Hidden: any difference from it counts.

Written apart from contract.py and postconditions.py on purpose: those look at neighbouring
observations, this keeps the whole state of a correct submission and says what must be shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stage6.language import TRACKED
from stage6.slow_allocator import Refused, SlowAllocator
from stage6.slow_formulas import FORMULAS
from stage6.slow_memory import SlowMemory
from stage6.slow_tracker import SlowTracker
from stage6.values import said, same

from autograder.program.model import NotWritten, Observation, Op, Violation
from autograder.protocol.plain import Json

INVARIANTS = {
    **dict.fromkeys(("holes", "take", "give"), "I3"),
    **dict.fromkeys(("use", "admit", "append", "release", "replay", "reserved", "split"), "I6"),
    **dict.fromkeys(("usage", "holders"), "I10"),
    **dict.fromkeys(("peak", "mean", "percentiles", "percentile"), "I11"),
    "leaks": "I12",
    **dict.fromkeys(("token_bytes",), "I1"),
    **dict.fromkeys(("budget_blocks", "request_blocks"), "I2"),
    "summarize": "I13",
    **dict.fromkeys(("wait", "sojourn", "largest"), "I14"),
}
"""What is broken by a difference in a part of the state, or in an operation's result."""
MAKERS = ("first_fit", "buddy", "paged", "contiguous", "tracker")
TOLERANCE = {"largest": 2e-3, "sojourn": 1e-6}
"""Where more than rounding is granted: 0.1 % and its own error; a sum that never ends."""


class Oracle:
    """Checks the observations of one program against the model, in order."""

    def __init__(self, *parts: str) -> None:
        """Judge these parts of the state (all of them, if none is named), errors and results."""
        self._parts = parts
        self._allocator = SlowAllocator(1, buddy=False)
        self._memory = SlowMemory(None, "", 1, 1)
        self._tracker = SlowTracker(2, 1)

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Apply the operation to the model and give every difference."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        due: tuple[str, ...] = ()
        result: Json = None
        try:
            result, state = self._apply(op.name, op.args)
        except Refused as refused:
            due, state = refused.errors, {} if op.name in MAKERS else self._state(op.name)
        if seen.error not in (due or ("",)):
            expected = f"raises {' or '.join(due)}" if due else "no error"
            yield Violation("I9" if due else "", expected, seen.error or "no error")
            return
        if not due and not same(result, seen.result, TOLERANCE.get(op.name, 1e-9)):
            yield Violation(INVARIANTS.get(op.name, ""), said(result), said(seen.result))
        for part, wanted in state.items():
            if not self._parts or part in self._parts:
                yield from _part(part, wanted, seen.state.get(part), "I8" if due else "")

    def _apply(self, name: str, args: Mapping[str, Any]) -> tuple[Json, Mapping[str, Json]]:
        if name in FORMULAS:
            return FORMULAS[name](**args), {}
        if name in ("first_fit", "buddy"):
            self._allocator = SlowAllocator(args["num_slots"], name == "buddy")
        elif name == "paged":
            self._memory = SlowMemory(None, "", args["num_blocks"], args["block_size"])
        elif name == "contiguous":
            allocator = SlowAllocator(args["num_slots"], args["placement"] == "buddy")
            self._memory = SlowMemory(allocator, args["policy"], args["max_model_len"])
        elif name == "tracker":
            self._tracker = SlowTracker(args["num_blocks"], args["block_size"])
        else:
            owner = self._owner(name)
            return getattr(owner, name)(**args), self._state(name)
        return None, self._state(name)

    def _owner(self, name: str) -> SlowAllocator | SlowMemory | SlowTracker:
        if name in ("tracker", "percentile", *TRACKED):
            return self._tracker
        allocator = name in ("first_fit", "buddy", "take", "give")
        return self._allocator if allocator else self._memory

    def _state(self, name: str) -> Mapping[str, Json]:
        return {} if name in FORMULAS else self._owner(name).state()


def _part(part: str, wanted: Json, shown: Json, rule: str) -> Iterator[Violation]:
    if isinstance(shown, dict) and shown.get("error") == "NotImplementedError":
        raise NotWritten
    if part == "leaks" and isinstance(shown, list):
        shown = sorted(shown, key=str)
    if part == "holders" and isinstance(shown, dict):
        shown = {
            block: sorted(names, key=str) if isinstance(names, list) else names
            for block, names in shown.items()
        }
    alike = wanted == shown if isinstance(wanted, dict) else same(wanted, shown)
    if not alike:
        yield Violation(rule or INVARIANTS[part], f"{part} {wanted}", f"{part} {shown}"[:300])
