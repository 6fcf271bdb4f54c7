"""The formula at its anchors: reference, a quarter more, naive, and everything between."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.rubric.model import Anchor
from autograder.scoring.performance import TIME_BAND, cost_of, earned_share, growth, too_good

ANCHOR = Anchor(reference=2.0, naive=16.0)
PROPERTY = settings(derandomize=True, deadline=None, max_examples=100)


@pytest.mark.parametrize(
    ("cost", "share"),
    [(0.1, 1), (2.0, 1), (2.5, 1), (16.0, 0), (1e9, 0), (1e300, 0), (0.0, 1)],
)
def test_the_anchors(cost: float, share: int) -> None:
    assert earned_share(cost, ANCHOR) == share


def test_half_way_on_the_logarithm_is_half_of_the_points() -> None:
    middle = 2.0 * math.sqrt(8.0 * 1.25)
    assert earned_share(middle, ANCHOR) == Fraction(1, 2)


def test_just_beyond_a_quarter_more_is_no_longer_everything() -> None:
    assert earned_share(2.0 * 1.26, ANCHOR) < 1


def test_a_very_naive_anchor_is_capped() -> None:
    assert earned_share(15.9, Anchor(2.0, 16.0)) == earned_share(15.9, Anchor(2.0, 2e6)) > 0
    assert earned_share(16.0, Anchor(2.0, 2e6)) == 0


def test_a_mild_anchor_is_not() -> None:
    assert earned_share(5.9, Anchor(2.0, 6.0)) > 0
    assert earned_share(6.0, Anchor(2.0, 6.0)) == 0


costs = st.floats(0.01, 1e6)


@PROPERTY
@given(costs, costs)
def test_a_higher_cost_never_earns_more(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= earned_share(high, ANCHOR) <= earned_share(low, ANCHOR) <= 1


@PROPERTY
@given(costs, st.floats(0.1, 1000.0))
def test_only_the_ratio_counts(cost: float, scale: float) -> None:
    scaled = Anchor(ANCHOR.reference * scale, ANCHOR.naive * scale)
    assert abs(earned_share(cost * scale, scaled) - earned_share(cost, ANCHOR)) <= Fraction(1, 1000)


@PROPERTY
@given(costs)
def test_shares_are_thousandths(cost: float) -> None:
    assert (earned_share(cost, ANCHOR) * 1000).denominator == 1


def measured(steps: float, seconds: float) -> dict[str, float]:
    return {
        "steps_small": 50.0,
        "steps_large": 50.0 * steps,
        "seconds_small": 0.001,
        "seconds_large": 0.001 * seconds,
    }


def test_growth_is_that_of_the_counted_steps() -> None:
    assert growth(measured(1.0, 1.0)) == 1.0
    assert growth(measured(3.0, 1.0)) == 3.0


@pytest.mark.parametrize("seconds", [0.01, 1.0, 10.0, TIME_BAND * 0.999])
def test_noise_in_the_time_changes_nothing(seconds: float) -> None:
    assert growth(measured(1.0, seconds)) == 1.0


def test_work_that_hides_from_the_counter_shows_in_the_time() -> None:
    assert growth(measured(1.0, TIME_BAND * 1.001)) == pytest.approx(TIME_BAND * 1.001)
    assert growth(measured(1.0, 700.0)) == pytest.approx(700.0)
    assert growth(measured(900.0, 700.0)) == 900.0


def test_without_seconds_the_steps_alone_count() -> None:
    assert growth({"steps_small": 10.0, "steps_large": 160.0}) == 16.0


def test_what_no_solution_can_do_is_looked_at() -> None:
    assert too_good({"amount": 0.9}, ANCHOR) and not too_good({"amount": 1.1}, ANCHOR)
    assert not too_good({"amount": 2.0}, ANCHOR)


def test_a_known_bound_takes_the_place_of_the_ratio() -> None:
    assert not too_good({"amount": 0.0, "least": 0.0}, ANCHOR)
    assert not too_good({"amount": 0.9, "least": 0.9}, ANCHOR)
    assert too_good({"amount": 1.9, "least": 1.95}, ANCHOR)


def test_an_amount_is_its_own_cost_and_anything_else_costs_its_growth() -> None:
    assert cost_of({"amount": 12.0}) == 12
    assert cost_of({"steps_small": 10.0, "steps_large": 30.0}) == 3
