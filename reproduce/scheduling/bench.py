"""Serves jobs by the reference's scheduler on its virtual clock."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.policies import FCFSPolicy
from pagedlab.request import Request
from pagedlab.sched_output import PreemptionMode, SchedulerConfig
from pagedlab.scheduler import Scheduler
from pagedlab.simulator import CostModel, Simulator, Step
from reproduce.machine import NUM_SLOTS
from reproduce.scheduling.cost import A100_13B
from reproduce.scheduling.jobs import Job
from reproduce.scheduling.log import Log, LoggedStep

AMPLE = None
"""In place of a number of slots: as many as all jobs together fill."""


@dataclass(frozen=True)
class Setup:
    """A server: what a step costs, slots of KV memory, and the limits of its scheduler.

    `tokens` is the budget of a step, and so the largest chunk of a prompt; `seqs` the places.
    """

    cost: CostModel = A100_13B
    slots: int | None = NUM_SLOTS
    block_size: int = 16
    tokens: int = 2048
    seqs: int = 256
    watermark: float = 0.0
    mode: PreemptionMode = "recompute"
    caching: bool = False
    scheduler: type[Scheduler] = Scheduler
    manager: Callable[[], KVCacheManager] | None = None
    """Makes another memory than paged; `slots`, `block_size` and `caching` say nothing then."""


def serve(jobs: Sequence[Job], setup: Setup) -> Log:
    """Serve jobs in order of arrival.

    Args:
        jobs: in order of arrival.
        setup: of the server. With swapping, the host has room for everything.

    Returns:
        The log.

    Raises:
        ValueError: a job does not fit even into the empty memory.
        RuntimeError: something is left in the end: tokens are missing, or the memory leaks.
    """
    manager = setup.manager() if setup.manager else _paged(jobs, setup)
    before = manager.block_pool.get_num_free_blocks()
    host = BlockPool(2 * before + 1) if setup.mode == "swap" else None
    watermark = int(setup.watermark * before)
    config = SchedulerConfig(setup.tokens, setup.seqs, watermark, setup.mode)
    scheduler = setup.scheduler(config, manager, FCFSPolicy(), host)
    simulator = Simulator(scheduler, setup.cost)
    requests = []
    for job in jobs:
        simulator.run_until(job.arrival)
        request = Request(job.name, list(job.prompt), max_tokens=job.output)
        request.arrival_time = job.arrival
        simulator.submit(request, job.output)
        requests.append(request)
    simulator.run_until(math.inf)
    log = _logged(jobs, simulator.steps, sum(each.num_cached_tokens for each in requests))
    complete = all(len(log.token_times[job.name]) == job.output for job in jobs)
    if not complete or manager.block_pool.get_num_free_blocks() != before:
        raise RuntimeError("tokens are missing, or blocks are")
    return log


def _paged(jobs: Sequence[Job], setup: Setup) -> KVCacheManager:
    size = setup.block_size
    blocks = sum(-(-job.num_tokens // size) for job in jobs)
    if setup.slots is not None:
        blocks = setup.slots // size
    return KVCacheManager(size, BlockPool(blocks + 1), setup.caching)


def _logged(jobs: Sequence[Job], steps: Sequence[Step], cached_tokens: int) -> Log:
    token_times: dict[str, list[float]] = {job.name: [] for job in jobs}
    logged = []
    admitted: dict[str, float] = {}
    for step in steps:
        plan = step.output
        admitted |= dict.fromkeys(plan.scheduled_new_req_ids, step.start)
        for name, tokens in step.emitted.items():
            token_times[name] += [step.end] * len(tokens)
        swapped = len(plan.blocks_to_swap_out) + len(plan.blocks_to_swap_in)
        counts = (plan.total_num_scheduled_tokens, len(plan.preempted_req_ids), swapped)
        logged.append(LoggedStep(step.start, step.end, len(plan.num_scheduled_tokens), *counts))
    arrivals = {job.name: job.arrival for job in jobs}
    return Log(arrivals, admitted, token_times, logged, cached_tokens)
