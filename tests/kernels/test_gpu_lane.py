"""The GPU lane, as far as it can be shown without one: chains, their ends, and what seconds say."""

from __future__ import annotations

from typing import Any

import pytest

from kernel_lanes.gpu.timing import Turn, order_of, seconds_a_step, sets_of, verdict
from tests.kernels.child import results

pytestmark = pytest.mark.timeout(300)  # a child that imports torch, on a busy machine


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What the cases gave, in one process that compiles."""
    return results("compiled", "cases_chain.py")


def test_rounding_does_not_grow_along_a_chain(seen: dict[str, Any]) -> None:
    assert seen["ends"]["honest"] < 0.005


@pytest.mark.parametrize(
    "cheat", ["by address", "by shape", "every second", "mirror", "no writes", "zeros"]
)
def test_a_chain_ends_elsewhere_if_a_step_is_not_done(seen: dict[str, Any], cheat: str) -> None:
    assert seen["ends"][cheat] > 0.05


def test_a_measurement_compares_steps_and_nothing_else(seen: dict[str, Any]) -> None:
    ratio, low, high, bandwidth, steady = seen["measured"]
    assert ratio == pytest.approx(1.5, rel=0.01) and low <= ratio <= high
    assert bandwidth > 0 and steady


def test_what_is_wrong_is_not_timed(seen: dict[str, Any]) -> None:
    assert "off by" in seen["wrong_is_not_timed"]


def test_a_workers_bench_ends_where_it_must_and_leaves_its_batch_as_it_was(
    seen: dict[str, Any],
) -> None:
    away, between = seen["bench"]
    assert away < 0.005 and between == 0


def test_what_every_chain_costs_cancels() -> None:
    assert seconds_a_step(5 + 8 * 0.25, 5 + 64 * 0.25, 8, 64) == 0.25
    with pytest.raises(ValueError, match="took"):
        seconds_a_step(2.0, 1.9, 8, 64)


def test_the_median_of_paired_ratios_ignores_a_slow_spell() -> None:
    turns = [Turn(1.2 * slow, 1.0 * slow) for slow in (1, 1, 1, 1, 3, 1, 1, 1, 1)]
    found = verdict(turns, 600, 1000.0)
    assert found.ratio == found.low == found.high == pytest.approx(1.2)
    assert found.bandwidth == pytest.approx(0.5)
    assert found.steady


def test_a_reference_that_spreads_is_not_steady() -> None:
    turns = [Turn(1.0, 1.0 + 0.1 * (i % 4)) for i in range(12)]
    assert not verdict(turns, 1, 1.0).steady
    with pytest.raises(ValueError, match="three turns"):
        verdict(turns[:2], 1, 1.0)


def test_both_go_first_now_and_then_and_the_same_seed_gives_the_same_order() -> None:
    order = order_of(40, 3)
    assert 10 < sum(order) < 30 and order == order_of(40, 3)


def test_enough_batches_lie_between_two_uses_to_empty_the_cache() -> None:
    assert sets_of(10_000_000, 50_000_000) == 20
    assert sets_of(1 << 40, 50_000_000) == 1
