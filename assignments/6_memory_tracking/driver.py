"""Runs stage 6's operations on a submission. Works in the worker; what it reports is a claim.

Everything that a student's code returns is turned into plain data by exact type.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from stage6.driver_formulas import Formulas
from stage6.driver_shown import USAGE, USE, fields, guarded, leaks, names, regions

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain

ERRORS = (
    *("OutOfSlots", "UnknownRequest", "ContradictoryEvent", "UnknownBlock", "Overloaded"),
    "ValueError",
)
PERCENTS = (50, 90, 100)
MADE = ("first_fit", "buddy", "paged", "contiguous", "tracker")
USED = {
    **dict.fromkeys(("take", "give"), "_allocator"),
    **dict.fromkeys(("admit", "append", "release", "use"), "_memory"),
    **dict.fromkeys(("allocate", "share", "write", "free", "finish", "percentile"), "_tracker"),
}
"""What must have been made before an operation can be run."""


class Driver(Formulas):
    """One program: at most one allocator, one memory and one tracker."""

    ERRORS = ERRORS

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._given = importlib.import_module("pagedlab.replay")
        self._allocator: Any = None
        self._memory: Any = None
        self._tracker: Any = None
        self._num_blocks = 0

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        """Run one operation; what uses an allocator, memory or tracker needs one."""
        if name in USED and getattr(self, USED[name]) is None:
            raise Undefined(USED[name])
        return getattr(self, f"_do_{name}")(**args)  # type: ignore[no-any-return]

    def observe(self) -> Mapping[str, Json]:
        """Holes of the allocator, use of the memory, and all that the tracker can be asked."""
        seen: dict[str, Json] = {}
        if self._allocator is not None:
            seen["holes"] = guarded(lambda: regions(self._allocator.holes()))
        if self._memory is not None:
            seen["use"] = guarded(lambda: fields(self._memory.use(), USE))
        if self._tracker is not None:
            seen.update(self._tracked())
        return seen

    def _tracked(self) -> Mapping[str, Json]:
        one = self._tracker
        blocks = range(self._num_blocks)
        percents = {
            str(percent): guarded(lambda p=percent: plain(one.percentile_usage(p)))
            for percent in PERCENTS
        }
        return {
            "usage": guarded(lambda: fields(one.usage(), USAGE)),
            "peak": guarded(lambda: plain(one.peak_blocks())),
            "mean": guarded(lambda: plain(one.mean_usage())),
            "percentiles": percents,
            "leaks": guarded(lambda: leaks(one.leaks())),
            "holders": {str(b): guarded(lambda b=b: names(one.holders(b))) for b in blocks},
        }

    # ---- tracker -------------------------------------------------------------------------------

    def _do_tracker(self, num_blocks: int, block_size: int) -> Json:
        self._tracker = self._module("memory_tracking").MemoryTracker(num_blocks, block_size)
        self._num_blocks = num_blocks
        return None

    def _do_allocate(self, time: float, request: str, blocks: list[int]) -> Json:
        return plain(self._tracker.allocate(time, request, blocks))

    def _do_share(self, time: float, request: str, blocks: list[int]) -> Json:
        return plain(self._tracker.share(time, request, blocks))

    def _do_write(self, time: float, block: int, num_tokens: int) -> Json:
        return plain(self._tracker.write(time, block, num_tokens))

    def _do_free(self, time: float, request: str, blocks: list[int]) -> Json:
        return plain(self._tracker.free(time, request, blocks))

    def _do_finish(self, time: float, request: str) -> Json:
        return plain(self._tracker.finish(time, request))

    def _do_percentile(self, percent: float) -> Json:
        return plain(self._tracker.percentile_usage(percent))
