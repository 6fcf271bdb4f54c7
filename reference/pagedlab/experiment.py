"""Stage 5. The queueing experiment: your prediction, and what your server then does. Given.

    .venv/bin/python -m pagedlab.experiment

Requests arrive at random (a Poisson process), your `Scheduler` serves them on the virtual clock,
your `RequestLog` takes down what happens, and your `predict` has said beforehand what it will be.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.policies import FCFSPolicy
from pagedlab.queueing import Event, Prediction, RequestLog, largest_rate, predict
from pagedlab.request import Request
from pagedlab.sched_output import SchedulerConfig
from pagedlab.scheduler import Scheduler
from pagedlab.simulator import STOP, CostModel, Simulator

COST = CostModel(fixed=0.02, per_token=0.0001, per_kv_token=0.000001)
LIMITS = SchedulerConfig(max_num_batched_tokens=10_000, max_num_seqs=500)
AMPLE_BLOCKS = 2000
LOADS = (0.3, 0.5, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Run:
    """One run of the experiment.

    Attributes:
        prediction: what `predict` said of its rate and lengths.
        events: what happened: (seconds, request id, event), in order.
        log: the same, as `RequestLog` has taken it down.
    """

    prediction: Prediction
    events: list[tuple[float, str, Event]]
    log: RequestLog


def run(load: float, requests: int = 1000, blocks: int = AMPLE_BLOCKS, seed: int = 3) -> Run:
    """Serve requests with prompts around 50 and outputs around 12 tokens, first come first served.

    Args:
        load: rate of arrivals, as a share of the largest one; above 0 and below 1.
        requests: how many.
        blocks: usable ones, of 16 tokens. Below a few hundred, requests wait for memory and are
            preempted, and the prediction no longer holds; Little's law does.
        seed: of lengths and arrivals.

    Returns:
        Prediction and log.
    """
    random = Random(seed)
    lengths = [(random.randint(20, 80), random.randint(2, 22)) for _ in range(requests)]
    rate = load * largest_rate(lengths, COST)
    manager = KVCacheManager(16, BlockPool(blocks + 1), enable_caching=False)
    simulator = Simulator(Scheduler(LIMITS, manager, FCFSPolicy()), COST)
    arrivals: dict[str, float] = {}
    time = 0.0
    for number, (prompt, output) in enumerate(lengths):
        time += random.expovariate(rate)
        simulator.run_until(time)
        request = Request(f"r{number}", [5] * prompt, max_tokens=output, arrival_time=time)
        arrivals[request.request_id] = time
        simulator.submit(request, output)
    simulator.run_until(math.inf)
    events, log = _events(simulator, arrivals), RequestLog()
    for event in events:
        log.record(*event)
    return Run(predict(rate, lengths, COST), events, log)


def _events(simulator: Simulator, arrivals: Mapping[str, float]) -> list[tuple[float, str, Event]]:
    """What happened in a run, in order. A step's admissions happen when it begins."""
    found: list[tuple[float, str, Event]] = [(at, name, "arrive") for name, at in arrivals.items()]
    for step in simulator.steps:
        admitted = step.output.scheduled_new_req_ids | step.output.resumed_req_ids
        found += [(step.start, name, "preempt") for name in sorted(step.output.preempted_req_ids)]
        found += [(step.start, name, "admit") for name in sorted(admitted)]
        found += [(step.end, name, "finish") for name, said in step.emitted.items() if STOP in said]
    return sorted(found, key=lambda one: one[0])


def main(requests: int) -> None:
    """Print prediction, measurement and Little's law for some loads."""
    print("load   predicted s   measured s   L measured   rate x W   preempted")
    for load in LOADS:
        done = run(load, requests)
        found = done.log.little("system")
        print(
            f"{load:4.1f} {done.prediction.mean_seconds:13.3f} {found.mean_seconds:12.3f}"
            f" {found.mean_number:12.6f} {found.arrival_rate * found.mean_seconds:10.6f}"
            f" {sum(event == 'preempt' for _, _, event in done.events):11}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Predict, then measure.")
    parser.add_argument("requests", type=int, nargs="?", default=1000)
    main(parser.parse_args().requests)
