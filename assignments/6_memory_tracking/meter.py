"""Stage 6's performance workload: the same few events and queries beside few and many live blocks.

Each tracker has one block in use for each of its size, held by requests of 16 blocks, and as many
that are free, of which the cases use some; a few leak. It has been so for most of the time, so that
percentiles lie at the same level at both sizes. Cases leave the tracker as they found it, but for
the time. What is reported is a claim; the judge checks it and uses its own clock.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import plain
from autograder.worker.steps import StepCounter, TooManySteps

EACH, SPARE, LEAKS = 16, 64, 8
BLOCK_SIZE = 16
QUARTER = 0.25
ROUNDS = 32
WARM_ROUNDS, COUNTED_ROUNDS = 200, 1_500
"""Rounds of four events each before memory is counted, and while it is."""
LEAST_KIB = 16
"""What a tracker may need more for events that are over: slack of lists and dicts, say."""


class Meter:
    """Holds one tracker per size."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        gc.disable()
        self._module = modules["memory_tracking"]
        self._tracked: dict[int, _Tracked] = {}

    def prepare(self, size: int) -> Json:
        """Build the tracker of one size and give its number of blocks in use."""
        self._tracked[size] = _Tracked(self._module.MemoryTracker, size)
        return plain(self._tracked[size].tracker.usage().num_used_blocks)

    def work(self, case: str, size: int, most_steps: int) -> Json:
        """Do one slice of a case; give what it brought, its steps, or the memory that it took."""
        tracked = self._tracked[size]
        if case == "memory":
            return {**tracked.memory(), "steps": 0}
        slice_of_work: Callable[[], Json] = getattr(tracked, case)
        counter = StepCounter(most_steps)
        try:
            with counter if most_steps else nullcontext():
                outputs = slice_of_work()
        except TooManySteps:
            return {"outputs": None, "steps": most_steps}
        return {"outputs": outputs, "steps": counter.count}


class _Tracked:
    """A tracker with its live blocks, and a clock."""

    def __init__(self, kind: Callable[[int, int], Any], size: int) -> None:
        self.tracker = kind(1 + 2 * size, BLOCK_SIZE)
        self._size = size
        self._now = 0.0
        self._names = 0
        for start in range(1, size + 1, EACH):
            blocks = list(range(start, min(start + EACH, size + 1)))
            self.tracker.allocate(self._tick(), f"live{start}", blocks)
            self.tracker.write(self._now, start, BLOCK_SIZE)
        self._first_spare = size + 1
        self._leak()
        self._now *= 4
        self.tracker.finish(self._now, "nobody")

    def event(self) -> Json:
        """Allocations, writes, sharing and frees beside all that lives."""
        for _ in range(ROUNDS):
            self._round()
        return self._usage()

    def query(self) -> Json:
        """Everything that a dashboard asks for, again and again."""
        tracker, shown = self.tracker, []
        for _ in range(ROUNDS):
            shown = [
                *(tracker.usage().num_used_blocks, tracker.peak_blocks(), tracker.mean_usage()),
                *(tracker.percentile_usage(50), tracker.percentile_usage(99)),
            ]
        return [plain(value) for value in shown]

    def leaks(self) -> Json:
        """The leak report."""
        for _ in range(ROUNDS):
            found = self.tracker.leaks()
        return [[plain(leak.request_id), plain(leak.block_id)] for leak in found]

    def memory(self) -> dict[str, Json]:
        """Memory that is kept of many events whose blocks and requests are gone, in KiB."""
        for _ in range(WARM_ROUNDS):
            self._round()
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            for _ in range(COUNTED_ROUNDS):
                self._round()
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        return {"outputs": self._usage(), "amount": max(LEAST_KIB, (after - before) // 1024)}

    def _round(self) -> None:
        """Two new requests come, share a block, and go."""
        block = self._first_spare + LEAKS + self._names % (SPARE - LEAKS)
        self._names += 1
        first, second = f"a{self._names}", f"b{self._names}"
        self.tracker.allocate(self._tick(), first, [block])
        self.tracker.write(self._now, block, 3)
        self.tracker.share(self._now, second, [block])
        self.tracker.free(self._tick(), first, [block])
        self.tracker.finish(self._now, first)
        self.tracker.free(self._tick(), second, [block])
        self.tracker.finish(self._now, second)

    def _leak(self) -> None:
        for block in range(self._first_spare, self._first_spare + LEAKS):
            self.tracker.allocate(self._tick(), f"leak{block}", [block])
            self.tracker.finish(self._now, f"leak{block}")

    def _usage(self) -> Json:
        usage = self.tracker.usage()
        return [plain(usage.num_used_blocks), plain(usage.num_shared_blocks)]

    def _tick(self) -> float:
        self._now += QUARTER
        return self._now
