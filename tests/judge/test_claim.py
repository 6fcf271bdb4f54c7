"""A claim holds if it is what was seen, and nothing odd ever holds."""

from __future__ import annotations

import math

import pytest

from autograder.judge.claim import Claim, complexity, equal, near

ODD = [None, "", True, "5", [5], {}, math.nan, math.inf]


@pytest.mark.parametrize("value", [5, 0, "lifo"])
def test_what_was_seen_holds(value: object) -> None:
    assert equal("a", value, value).holds


@pytest.mark.parametrize("claimed", [*ODD, 5.0, 4])
def test_what_was_not_seen_does_not_hold(claimed: object) -> None:
    assert not equal("a", claimed, 5).holds
    assert not equal("a", True, 1).holds


@pytest.mark.parametrize("found", [None, "", [1], 1.5])
def test_nothing_holds_where_there_is_nothing_to_observe(found: object) -> None:
    claim = equal("a", found, found)
    assert not claim.holds and claim.found == "nothing to observe"


@pytest.mark.parametrize(
    ("claimed", "holds"), [(80, True), (120.0, True), (79, False), (121, False)]
)
def test_a_figure_may_be_off_by_the_tolerance(claimed: float, holds: bool) -> None:
    assert near("a", claimed, 100.0, 0.2).holds is holds


@pytest.mark.parametrize("claimed", ODD)
def test_only_a_number_is_near(claimed: object) -> None:
    assert not near("a", claimed, 1.0, 0.5).holds


@pytest.mark.parametrize(
    ("growth", "holds"),
    [
        (1.0, {"O(1)", "O(log n)"}),
        (1.5, {"O(1)", "O(log n)"}),
        (2.0, {"O(log n)"}),
        (100.0, {"O(n)"}),
    ],
)
def test_a_class_holds_if_growth_does_not_rule_it_out(growth: float, holds: set[str]) -> None:
    classes = ("O(1)", "O(log n)", "O(n)", "", None, 3)
    assert {one for one in classes if complexity("a", one, growth, "at twice").holds} == holds


def test_what_was_not_measured_does_not_hold() -> None:
    assert not near("a", 1, None, 1.0).holds and not complexity("a", "O(1)", None, "").holds


@pytest.mark.parametrize(
    "claim",
    [
        equal("a", 5, 7123, "count them"),
        equal("a", None, 7123),
        near("a", 5, 7123.0, 0.1),
        complexity("a", "O(1)", 7123.0, "at twice"),
    ],
)
def test_the_report_of_a_claim_does_not_tell_what_would_hold(claim: Claim) -> None:
    assert not claim.holds
    assert "7123" not in claim.told() and "7,123" not in claim.told() and "O(n)" not in claim.told()


def test_the_report_of_a_claim_tells_how_to_find_out() -> None:
    assert equal("a", 5, 7, "count them").told() == "a: 5 does not hold; count them"
    assert "3 times the cost at twice" in complexity("a", "O(1)", 3.0, "at twice").told()
    assert "nothing to observe" in equal("a", 5, "").told()


def test_a_claim_that_was_not_made_is_told_as_nothing() -> None:
    assert [equal("a", claimed, 1).claimed for claimed in (None, "", 2)] == ["", "", "2"]
