"""Runs stage 6's operations on a submission. Works in the worker; what it reports is a claim.

Everything that a student's code returns is turned into plain data by exact type.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain

ERRORS = (
    *("OutOfSlots", "UnknownRequest", "ContradictoryEvent", "UnknownBlock", "Overloaded"),
    "ValueError",
)
PERCENTS = (50, 90, 100)
USE = ("used", "reservation", "internal", "external", "free")
USAGE = ("num_used_blocks", "num_shared_blocks", "num_tokens", "num_wasted_slots")
SUMMARY = ("mean_in_system", "arrival_rate", "mean_sojourn")
MADE = ("first_fit", "buddy", "paged", "contiguous", "tracker")
USED = {
    **dict.fromkeys(("take", "give"), "_allocator"),
    **dict.fromkeys(("admit", "append", "release", "use"), "_memory"),
    **dict.fromkeys(("allocate", "share", "write", "free", "finish", "percentile"), "_tracker"),
}
"""What must have been made before an operation can be run."""


class Driver:
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
            seen["holes"] = _guarded(lambda: _regions(self._allocator.holes()))
        if self._memory is not None:
            seen["use"] = _guarded(lambda: _fields(self._memory.use(), USE))
        if self._tracker is not None:
            seen.update(self._tracked())
        return seen

    def _tracked(self) -> Mapping[str, Json]:
        one = self._tracker
        blocks = range(self._num_blocks)
        percents = {
            str(percent): _guarded(lambda p=percent: plain(one.percentile_usage(p)))
            for percent in PERCENTS
        }
        return {
            "usage": _guarded(lambda: _fields(one.usage(), USAGE)),
            "peak": _guarded(lambda: plain(one.peak_blocks())),
            "mean": _guarded(lambda: plain(one.mean_usage())),
            "percentiles": percents,
            "leaks": _guarded(lambda: _leaks(one.leaks())),
            "holders": {str(b): _guarded(lambda b=b: _names(one.holders(b))) for b in blocks},
        }

    # ---- functions that keep nothing -----------------------------------------------------------

    def _do_token_bytes(self, config: dict[str, Any], cache_dtype: str) -> Json:
        spec = self._module("kv_cache_spec").spec_from_config(config, cache_dtype)
        return plain(self._module("kv_cache_spec").kv_bytes_per_token(spec))

    def _do_budget_blocks(self, config: dict[str, Any], block_size: int, budget_bytes: int) -> Json:
        module = self._module("kv_cache_spec")
        spec = module.spec_from_config(config)
        return plain(module.num_blocks_for_budget(spec, block_size, budget_bytes))

    def _do_request_blocks(self, config: dict[str, Any], block_size: int, num_tokens: int) -> Json:
        module = self._module("kv_cache_spec")
        spec = module.spec_from_config(config)
        return plain(module.num_blocks_of_request(spec, block_size, num_tokens))

    def _do_reserved(self, policy: str, prompt: int, output: int, max_model_len: int) -> Json:
        request = self._given.Request("a", prompt, output)
        function = self._module("fragmentation").reserved_slots
        return plain(function(self._given.Reservation(policy), request, max_model_len))

    def _do_split(self, num_slots: int, num_used: int, num_tokens: int) -> Json:
        function = self._module("fragmentation").split_holding
        return _fields(function(num_slots, num_used, num_tokens), USE)

    def _do_replay(
        self, memory: dict[str, Any], requests: list[list[int]], max_num_seqs: int
    ) -> Json:
        trace = [self._given.Request(f"r{i}", *pair) for i, pair in enumerate(requests)]
        return self._replayed(memory, trace, max_num_seqs)

    def _do_example(self, memory: dict[str, Any]) -> Json:
        return self._replayed(memory, self._given.example_trace(), 256)

    def _replayed(self, memory: dict[str, Any], trace: list[Any], max_num_seqs: int) -> Json:
        made = getattr(self, f"_make_{memory['name']}")(**memory["args"])
        shown = self._given.replay(trace, made, max_num_seqs)
        counts = [plain(shown.running), plain(shown.steps), plain(shown.preemptions)]
        return {"use": _fields(shown.use, USE), "counts": counts, "left": _fields(made.use(), USE)}

    def _do_summarize(self, stays: list[list[float]], start: float, end: float) -> Json:
        module = self._module("capacity")
        listed = [module.Stay(*stay) for stay in stays]
        return _fields(module.summarize_log(listed, start, end), SUMMARY)

    def _do_wait(self, rate: float, services: list[float]) -> Json:
        return plain(self._module("capacity").mean_wait_fcfs(rate, services))

    def _do_sojourn(
        self, rate: float, output: float, fixed: float, each: float, batch: int | None
    ) -> Json:
        module = self._module("capacity")
        model = module.IterationModel(fixed, each, batch)
        return plain(module.mean_sojourn_batching(rate, output, model))

    def _do_largest(
        self, output: float, fixed: float, each: float, batch: int | None, slo: float
    ) -> Json:
        module = self._module("capacity")
        return plain(module.largest_rate(output, module.IterationModel(fixed, each, batch), slo))

    # ---- allocators and memories ---------------------------------------------------------------

    def _make_first_fit(self, num_slots: int) -> Any:
        return self._module("contiguous").FirstFitAllocator(num_slots)

    def _make_buddy(self, num_slots: int) -> Any:
        return self._module("contiguous").BuddyAllocator(num_slots)

    def _make_paged(self, num_blocks: int, block_size: int) -> Any:
        return self._module("fragmentation").PagedMemory(num_blocks, block_size)

    def _make_contiguous(
        self, placement: str, policy: str, num_slots: int, max_model_len: int
    ) -> Any:
        row = placement == "row"
        allocator = Row(num_slots) if row else getattr(self, f"_make_{placement}")(num_slots)
        policy = self._given.Reservation(policy)
        return self._module("fragmentation").ContiguousMemory(allocator, policy, max_model_len)

    def _do_first_fit(self, **args: Any) -> Json:
        self._allocator = self._make_first_fit(**args)
        return None

    def _do_buddy(self, **args: Any) -> Json:
        self._allocator = self._make_buddy(**args)
        return None

    def _do_paged(self, **args: Any) -> Json:
        self._memory = self._make_paged(**args)
        return None

    def _do_contiguous(self, **args: Any) -> Json:
        self._memory = self._make_contiguous(**args)
        return None

    def _do_take(self, request: str, num_slots: int) -> Json:
        return _region(self._allocator.allocate(request, num_slots))

    def _do_give(self, request: str) -> Json:
        return plain(self._allocator.free(request))

    def _do_admit(self, request: str, prompt: int, output: int) -> Json:
        return plain(self._memory.admit(self._given.Request(request, prompt, output)))

    def _do_append(self, request: str) -> Json:
        return plain(self._memory.append(request))

    def _do_release(self, request: str) -> Json:
        return plain(self._memory.release(request))

    def _do_use(self, prompt: int, output: int) -> Json:
        return _fields(self._memory.use(self._given.Request("next", prompt, output)), USE)

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

    def _module(self, name: str) -> Any:
        if name not in self._modules:
            raise ImportError(f"pagedlab/{name}.py cannot be imported")
        return self._modules[name]


class Row:
    """Stands in for an allocator where a memory is graded alone: it counts slots, no more."""

    def __init__(self, num_slots: int) -> None:
        self.num_slots = num_slots
        self._sizes: dict[str, int] = {}

    def allocate(self, request_id: str, num_slots: int) -> Any:
        if request_id in self._sizes:
            raise ValueError("held already")
        if num_slots > self._rest():
            raise importlib.import_module("pagedlab.errors").OutOfSlots("no room")
        self._sizes[request_id] = num_slots
        return importlib.import_module("pagedlab.replay").Region(0, num_slots)

    def free(self, request_id: str) -> None:
        del self._sizes[request_id]

    def holes(self) -> list[Any]:
        region = importlib.import_module("pagedlab.replay").Region
        return [region(0, self._rest())] if self._rest() else []

    def _rest(self) -> int:
        return self.num_slots - sum(self._sizes.values())


def _fields(value: Any, names: Sequence[str]) -> Json:
    return [plain(getattr(value, name)) for name in names]


def _region(value: Any) -> Json:
    return [plain(value.start), plain(value.num_slots)]


def _regions(values: Any) -> Json:
    return [_region(value) for value in list(values)[:10_000]]


def _leaks(values: Any) -> Json:
    return [[plain(leak.request_id), plain(leak.block_id)] for leak in list(values)[:10_000]]


def _names(values: Any) -> Json:
    return [plain(value) for value in list(values)[:1000]]


def _guarded(read: Any) -> Json:
    """A reading, or the error that it raised: one broken method must not blind all rules."""
    try:
        return read()  # type: ignore[no-any-return]
    except Exception as error:
        return {"error": type(error).__name__}
