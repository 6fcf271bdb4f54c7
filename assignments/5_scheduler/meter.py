"""Stage 5's performance workload: a scheduler on the virtual clock, fed by the judge.

The judge reveals requests as they arrive, on its own clock. What is reported is a claim: the judge
plays the schedule again, holds it against the rules, and works the times out by itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import plain

BLOCK_SIZE = 16


class Meter:
    """Holds the simulator of the conversation that goes on."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._simulator: Any = None

    def prepare(self, size: int) -> Json:
        """Nothing is built ahead."""
        return size

    def converse(self, message: Mapping[str, Any]) -> Json:
        """Begin anew if a server is given; then let requests arrive and time pass."""
        if "server" in message:
            self._begin(**message["server"])
        for arrival in message["arrivals"]:
            self._submit(**arrival)
        until = math.inf if message["until"] is None else message["until"]
        first = len(self._simulator.steps)
        self._simulator.run_until(until)
        return [_shown(step.output) for step in self._simulator.steps[first:]]

    def _begin(
        self, blocks: int, tokens: int, seqs: int, watermark: int, caching: bool, cost: list[float]
    ) -> None:
        from pagedlab.block_pool import BlockPool
        from pagedlab.kv_cache_manager import KVCacheManager
        from pagedlab.sched_output import SchedulerConfig
        from pagedlab.simulator import CostModel, Simulator

        manager = KVCacheManager(BLOCK_SIZE, BlockPool(blocks + 1), caching)
        policy = self._modules["policies"].OwnPolicy()
        config = SchedulerConfig(tokens, seqs, watermark)
        scheduler = self._modules["scheduler"].Scheduler(config, manager, policy)
        self._simulator = Simulator(scheduler, CostModel(*cost))

    def _submit(self, name: str, at: float, prompt: list[int], most: int, output: int) -> None:
        from pagedlab.request import Request

        request = Request(name, list(prompt), max_tokens=most, arrival_time=at)
        self._simulator.submit(request, output)


def _shown(output: Any) -> Json:
    """A step: who got how many tokens from which position on, and who was preempted."""
    starts = output.num_computed_tokens
    served = [
        [name, plain(count), plain(starts[name])]
        for name, count in output.num_scheduled_tokens.items()
    ]
    return [plain(served), plain(sorted(output.preempted_req_ids))]
