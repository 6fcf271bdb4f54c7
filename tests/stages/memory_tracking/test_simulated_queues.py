"""The simulated queues that predictions are held against: simulated again, and met."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from tests.stages.memory_tracking.bench import REFERENCE, modules_of, part
from tests.stages.memory_tracking.simulation import drawn_outputs, mean_sojourn, mean_wait

FCFS, SHARED = part("simulated").FCFS, part("simulated").SHARED
HEAVY = 3.4
"""Rate from which a batch is at load 0.85: three times as many requests were simulated."""


@pytest.mark.parametrize("case", FCFS, ids=lambda one: f"{one.rate}")
def test_one_request_at_a_time_waits_as_recorded(case: object) -> None:
    rate, services, seconds, _ = astuple(case)  # type: ignore[call-overload]
    assert mean_wait(1, rate, services, 200_000) == pytest.approx(seconds, rel=1e-5)


@pytest.mark.parametrize("case", SHARED, ids=lambda one: f"{one.law}-{one.batch}-{one.rate}")
def test_a_batch_takes_as_long_as_recorded(case: object) -> None:
    law, rate, output, batch, seconds, _, fixed, each = astuple(case)  # type: ignore[call-overload]
    heavy = rate > (HEAVY if batch else 2 * HEAVY)
    outputs = drawn_outputs(law, 2, 180_000 if heavy else 60_000, 200.0)
    assert sum(outputs) / len(outputs) == pytest.approx(output, abs=5e-4)
    assert mean_sojourn(3, rate, outputs, fixed, each, batch) == pytest.approx(seconds, rel=1e-5)


def test_predictions_are_closer_than_half_the_tolerance_but_for_chance() -> None:
    with modules_of(REFERENCE) as modules:
        capacity = modules["capacity"]
        for case in FCFS:
            predicted = capacity.mean_wait_fcfs(case.rate, case.services)
            assert predicted == pytest.approx(case.seconds, rel=case.tolerance / 2)
        for one in SHARED:
            model = capacity.IterationModel(one.fixed, one.each, one.batch)
            predicted = capacity.mean_sojourn_batching(one.rate, one.output, model)
            assert predicted == pytest.approx(one.seconds, rel=one.tolerance / 2)


def test_a_formula_for_memoryless_services_misses_by_more_than_the_tolerance() -> None:
    for case in FCFS:
        mean = sum(case.services) / len(case.services)
        load = case.rate * mean
        wrong = load / (1 - load) * mean
        assert abs(wrong / case.seconds - 1) > 2 * case.tolerance
