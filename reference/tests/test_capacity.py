"""Stage 6. Tests of the three laws, on cases that can be worked out by hand."""

from __future__ import annotations

import math

import pytest

from pagedlab.capacity import (
    IterationModel,
    LoadSummary,
    Stay,
    largest_rate,
    mean_sojourn_batching,
    mean_wait_fcfs,
    summarize_log,
)
from pagedlab.errors import Overloaded

LOG = [Stay(0.0, 4.0), Stay(1.0, 3.0), Stay(2.0, 8.0), Stay(6.0, 8.0)]


def test_littles_law_holds_where_every_stay_lies_in_the_window() -> None:
    seen = summarize_log(LOG, 0.0, 8.0)
    assert seen == LoadSummary(1.75, 0.5, 3.5)
    assert seen.mean_in_system == seen.arrival_rate * seen.mean_sojourn


def test_each_quantity_is_measured_for_itself() -> None:
    assert summarize_log(LOG[::-1], 2.0, 6.0) == LoadSummary(1.75, 0.25, 6.0)
    assert summarize_log(LOG, 4.0, 6.0) == LoadSummary(1.0, 0.0, 0.0)


def test_a_log_or_window_that_cannot_be_is_refused() -> None:
    for start, end in ((3.0, 3.0), (4.0, 3.0)):
        with pytest.raises(ValueError):
            summarize_log(LOG, start, end)
    with pytest.raises(ValueError):
        summarize_log([Stay(2.0, 1.0)], 0.0, 4.0)


def test_equal_services_wait_half_as_long_as_memoryless_ones() -> None:
    assert mean_wait_fcfs(0.5, [1.0]) == pytest.approx(0.5)


def test_the_wait_grows_with_the_second_moment() -> None:
    assert mean_wait_fcfs(0.25, [1.0, 1.0, 1.0, 5.0]) == pytest.approx(0.25 * 7 / (2 * 0.5))
    assert mean_wait_fcfs(0.0, [5.0]) == 0.0


@pytest.mark.parametrize(
    ("error", "rate", "services"),
    [(Overloaded, 1.0, [1.0]), (Overloaded, 3.0, [1.0]), (ValueError, -1.0, [1.0])],
)
def test_a_wait_that_does_not_exist(
    error: type[Exception], rate: float, services: list[float]
) -> None:
    with pytest.raises(error):
        mean_wait_fcfs(rate, services)
    with pytest.raises(ValueError):
        mean_wait_fcfs(1.0, [])


def test_a_batch_of_one_is_a_memoryless_server() -> None:
    model = IterationModel(0.25, 0.25, max_batch=1)
    assert mean_sojourn_batching(0.15, 10.0, model) == pytest.approx(5 / (1 - 0.75))


def test_a_batch_without_fixed_cost_is_shared_evenly() -> None:
    model = IterationModel(0.0, 0.5)
    assert mean_sojourn_batching(0.1, 10.0, model) == pytest.approx(5 / (1 - 0.5))


def test_two_in_a_batch_are_two_servers_where_the_batch_costs_nothing() -> None:
    model = IterationModel(1.0, 1e-9, max_batch=2)
    assert mean_sojourn_batching(0.1, 10.0, model) == pytest.approx(10 / (1 - 0.25), rel=1e-5)


def test_alone_a_request_takes_its_own_iterations() -> None:
    assert mean_sojourn_batching(0.0, 100.0, IterationModel(0.5, 0.25)) == 75.0


def test_large_batches_do_not_overflow() -> None:
    model = IterationModel(10.0, 0.001)
    assert math.isfinite(mean_sojourn_batching(50.0, 10.0, model))


@pytest.mark.parametrize(("batch", "rate"), [(None, 0.2), (2, 0.1), (1, 0.1)])
def test_a_server_that_cannot_keep_up_is_refused(batch: int | None, rate: float) -> None:
    with pytest.raises(Overloaded):
        mean_sojourn_batching(rate, 10.0, IterationModel(1.0, 0.5, batch))


def test_a_prediction_for_nothing_is_refused() -> None:
    model = IterationModel(1.0, 0.5)
    for rate, output in ((-0.1, 1.0), (0.1, 0.0)):
        with pytest.raises(ValueError):
            mean_sojourn_batching(rate, output, model)
    with pytest.raises(ValueError):
        largest_rate(0.0, model, 5.0)


@pytest.mark.parametrize("batch", [None, 1, 8])
def test_the_largest_rate_keeps_the_promise_and_little_more_breaks_it(batch: int | None) -> None:
    model = IterationModel(0.02, 0.001, batch)
    rate = largest_rate(100.0, model, 4.0)
    assert mean_sojourn_batching(rate, 100.0, model) <= 4.0 * 1.001
    assert mean_sojourn_batching(rate * 1.002, 100.0, model) > 4.0


def test_a_promise_that_nobody_can_keep_bears_no_request() -> None:
    assert largest_rate(100.0, IterationModel(0.02, 0.001), 2.0) == 0.0
