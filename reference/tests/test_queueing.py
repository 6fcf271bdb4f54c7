"""The log against sums by hand, and the predictions against a run of the simulator."""

from __future__ import annotations

import math
from random import Random

import pytest

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.policies import FCFSPolicy
from pagedlab.queueing import RequestLog, largest_rate, predict
from pagedlab.request import Request
from pagedlab.sched_output import SchedulerConfig
from pagedlab.scheduler import Scheduler
from pagedlab.simulator import CostModel, Simulator

COST = CostModel(0.02, 0.0001, 0.000001)


def log_of_two(start: float = 0.0) -> RequestLog:
    log = RequestLog()
    log.record(start, "a", "arrive")
    log.record(start + 1.0, "a", "admit")
    log.record(start + 1.0, "b", "arrive")
    log.record(start + 3.0, "a", "preempt")
    log.record(start + 4.0, "a", "admit")
    log.record(start + 5.0, "a", "finish")
    log.record(start + 5.0, "b", "admit")
    log.record(start + 8.0, "b", "finish")
    return log


@pytest.mark.parametrize("start", [0.0, 7.0])
def test_the_three_quantities_of_each_part(start: float) -> None:
    log = log_of_two(start)
    for part, seconds in (("queue", 3.0), ("service", 3.0), ("system", 6.0)):
        found = log.little(part)  # type: ignore[arg-type]
        assert math.isclose(found.mean_seconds, seconds)
        assert math.isclose(found.arrival_rate, 2 / 8)
        assert math.isclose(found.mean_number, 2 / 8 * seconds)


def test_a_log_that_does_not_end_empty_is_refused() -> None:
    log = RequestLog()
    log.record(0.0, "a", "arrive")
    log.record(1.0, "a", "admit")
    with pytest.raises(ValueError):
        log.little("queue")


def test_the_largest_rate_by_hand() -> None:
    # Two steps: 3 tokens and 3 KV tokens, then 1 token and 4 KV tokens.
    assert math.isclose(largest_rate([(3, 2)], COST), 1 / (4 * 0.0001 + 7 * 0.000001))


def test_no_steady_server_beyond_the_largest_rate() -> None:
    with pytest.raises(ValueError):
        predict(1.01 * largest_rate([(3, 2)], COST), [(3, 2)], COST)


def test_the_prediction_is_near_to_the_simulator() -> None:
    random = Random(3)
    lengths = [(random.randint(20, 80), random.randint(2, 22)) for _ in range(600)]
    rate = 0.5 * largest_rate(lengths, COST)
    policy, config = FCFSPolicy(), SchedulerConfig(10_000, 500)
    manager = KVCacheManager(16, BlockPool(9000), enable_caching=False)
    simulator = Simulator(Scheduler(config, manager, policy), COST)
    log, time = RequestLog(), 0.0
    arrivals = {}
    for number, (prompt, output) in enumerate(lengths):
        time += random.expovariate(rate)
        simulator.run_until(time)
        request = Request(f"r{number}", [5] * prompt, max_tokens=99, arrival_time=time)
        arrivals[request.request_id] = time
        simulator.submit(request, output)
    simulator.run_until(math.inf)
    events = [(at, name, "arrive") for name, at in arrivals.items()]
    for step in simulator.steps:
        new = step.output.scheduled_new_req_ids
        events += [(max(step.start, arrivals[name]), name, "admit") for name in sorted(new)]
        events += [(step.end, name, "finish") for name, said in step.emitted.items() if 0 in said]
    for at, name, event in sorted(events, key=lambda one: one[0]):
        log.record(at, name, event)  # type: ignore[arg-type]
    found = log.little("system")
    assert math.isclose(found.mean_number, found.arrival_rate * found.mean_seconds, rel_tol=1e-9)
    assert abs(found.mean_seconds / predict(rate, lengths, COST).mean_seconds - 1) < 0.1
