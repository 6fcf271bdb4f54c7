"""A cost earns points by its anchors, and never more than there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from autograder.rubric.model import Anchor
from autograder.scoring.outcome import Outcome, Status
from autograder.scoring.result import RuleScore
from tests.scoring.bench import FLAT, all_pass, outcome, score
from tests.scoring.scored import BASE, one_rule


def costing(large: float, **measured: float) -> Outcome:
    return outcome("1.P2", measured={**FLAT, "steps_large": large, **measured})


def scored_cost(large: float, anchor: Anchor | None = None, **measured: float) -> RuleScore:
    made = replace(BASE, anchors={**BASE.anchors, **({"1.P2": anchor} if anchor else {})})
    return one_rule(score(made, *all_pass(made), costing(large, **measured)), "1.P2")


def test_a_cost_like_the_references_earns_everything() -> None:
    scored = scored_cost(100)
    assert (scored.status, scored.points, scored.cause, scored.flag) == (
        Status.PASS,
        scored.maximum,
        None,
        "",
    )


def test_a_higher_cost_earns_a_part_and_is_explained() -> None:
    scored = scored_cost(300)
    assert scored.status is Status.FAIL
    assert 0 < scored.points < scored.maximum
    assert scored.cause is not None and scored.cause.kind == "cost"
    assert "3 times" in scored.cause.summary
    assert "100 -> 300" in scored.cause.observed


def test_a_naive_cost_earns_nothing_and_is_decided() -> None:
    scored = scored_cost(800)
    assert (scored.status, scored.points, scored.undecided) == (Status.FAIL, 0, 0)


def test_a_cost_beyond_what_can_be_is_not_rewarded_but_flagged() -> None:
    scored = scored_cost(100, Anchor(3.0, 24.0))
    assert scored.points == scored.maximum
    assert "looked at" in scored.flag


def test_a_cost_whose_counting_was_stopped_needs_no_seconds() -> None:
    measured: Mapping[str, float] = {"steps_small": 10.0, "steps_large": 160.0}
    found = outcome("1.P2", measured=measured)
    scored = one_rule(score(BASE, *all_pass(BASE), found), "1.P2")
    assert (scored.status, scored.points) == (Status.FAIL, 0)


def test_work_that_was_wrong_earns_nothing_whatever_it_costs() -> None:
    scored = one_rule(score(BASE, *all_pass(BASE), outcome("1.P2", 0, measured=FLAT)), "1.P2")
    assert (scored.status, scored.points, scored.flag) == (Status.FAIL, 0, "")
