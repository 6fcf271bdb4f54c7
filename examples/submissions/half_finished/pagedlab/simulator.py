"""A server on a virtual clock: real scheduling, imagined time. Given.

A step takes as long as the published cost model says, so that the same requests give the same
times on every machine. Requests become known when they arrive, and how long an output gets, when
it has ended.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pagedlab.request import Request
from pagedlab.sched_output import SchedulerOutput
from pagedlab.scheduler import Scheduler

STOP, TOKEN = 0, 1
"""What the imagined model says last, and what it says before."""


@dataclass(frozen=True)
class CostModel:
    """Seconds of a step: fixed + per_token * tokens + per_kv_token * KV tokens + swapping.

    The KV tokens of a step are the tokens that its requests have computed when it is done.
    The defaults are near to a 13B model on one A100 with 16 tokens in the place of each token
    here; they are a roofline estimate, not a measurement.
    """

    fixed: float = 0.020
    per_token: float = 0.0027
    per_kv_token: float = 8.4e-6
    per_swapped_block: float = 0.0005

    def seconds(self, output: SchedulerOutput) -> float:
        """Give the time that a step takes."""
        tokens = output.total_num_scheduled_tokens
        kv_tokens = sum(output.num_computed_tokens.values()) + tokens
        swapped = len(output.blocks_to_swap_out) + len(output.blocks_to_swap_in)
        return (
            self.fixed
            + self.per_token * tokens
            + self.per_kv_token * kv_tokens
            + self.per_swapped_block * swapped
        )


@dataclass(frozen=True)
class Step:
    """One step that was run: when it began and ended, what was planned, who got a token."""

    start: float
    end: float
    output: SchedulerOutput
    emitted: dict[str, list[int]]


@dataclass
class Simulator:
    """Runs a scheduler. Owns the clock, `now`, in seconds, and the log of all steps.

    Example:
        >>> from pagedlab.block_pool import BlockPool
        >>> from pagedlab.kv_cache_manager import KVCacheManager
        >>> from pagedlab.policies import FCFSPolicy
        >>> from pagedlab.sched_output import SchedulerConfig
        >>> manager = KVCacheManager(4, BlockPool(100))
        >>> simulator = Simulator(Scheduler(SchedulerConfig(64, 4), manager, FCFSPolicy()))
        >>> simulator.submit(Request("a", [5, 6, 7], max_tokens=99), output_tokens=2)
        >>> simulator.run_until(10.0)
        >>> [sorted(step.emitted.items()) for step in simulator.steps]
        [[('a', [1])], [('a', [0])]]
    """

    scheduler: Scheduler
    cost: CostModel = CostModel()
    now: float = 0.0
    steps: list[Step] = field(default_factory=list)
    _left: dict[str, int] = field(default_factory=dict)

    def submit(self, request: Request, output_tokens: int) -> None:
        """Let a request arrive now, whose output will have so many tokens, STOP the last of them.

        Args:
            request: its `arrival_time` is not above `now`; `max_tokens` is at least the output.
            output_tokens: at least 1.
        """
        request.stop_token_ids = frozenset({STOP})
        self.scheduler.add_request(request)
        self._left[request.request_id] = output_tokens

    def run_until(self, time: float) -> None:
        """Run steps as long as there is work and `now` is below `time`; an idle clock jumps there.

        Args:
            time: seconds; math.inf to run until all is done, which leaves the clock there.

        Raises:
            RuntimeError: there are unfinished requests and the scheduler serves none of them.
        """
        while self.now < time and any(self.scheduler.get_request_counts()):
            self._step()
        if time < math.inf:
            self.now = max(self.now, time)

    def _step(self) -> None:
        output = self.scheduler.schedule()
        if not output.num_scheduled_tokens and not output.preempted_req_ids:
            raise RuntimeError("there are unfinished requests, and the step serves none of them")
        start = self.now
        self.now += self.cost.seconds(output)
        says = {name: [self._next(name)] for name in output.num_scheduled_tokens}
        emitted = self.scheduler.update_from_output(output, says)
        for name in emitted:
            self._left[name] -= 1
        self.steps.append(Step(start, self.now, output, emitted))

    def _next(self, request_id: str) -> int:
        return TOKEN if self._left[request_id] > 1 else STOP
