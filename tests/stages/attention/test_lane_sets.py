"""Whichever lanes a machine has: naive, middling and reference solutions get the same points.

The points are worked out of recorded costs, for every set of lanes; that the costs are what is
counted is the slow part.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

import pytest

from autograder.rubric.model import Axis
from autograder.scoring.outcome import Outcome, Status
from autograder.scoring.performance import cost_of, too_good
from autograder.scoring.result import StageScore
from autograder.scoring.score import score_run
from autograder.scoring.weights import with_lanes
from tests.scoring.bench import course
from tests.stages.attention.bench import STAGE
from tests.stages.attention.solutions import (
    ROLES,
    as_outcomes,
    graded,
    measured_rules,
    recorded,
)

pytestmark = pytest.mark.timeout(600)
WITHOUT_GPU = [name for name in STAGE.lanes if name != "gpu"]
SETS = [
    frozenset(names)
    for count in range(1, len(WITHOUT_GPU) + 1)
    for names in combinations(WITHOUT_GPU, count)
    if set(names) != {"sanitize"}  # by itself it measures no performance
]


def scored(outcomes: Collection[Outcome], lanes: Collection[str]) -> StageScore:
    cut = tuple(with_lanes([STAGE], outcomes, lanes))
    quality = [
        Outcome(one.id, Status.PASS, share=1)  # type: ignore[arg-type]
        for one in STAGE.rules
        if one.axis in (Axis.QUALITY, Axis.DOCUMENTATION) and one.check != "human"
    ]
    (score,) = score_run(course(STAGE), [STAGE.id], [*cut, *quality])
    return score


def cell(score: StageScore, axis: Axis) -> float:
    (found,) = (one for one in score.cells if one.axis is axis)
    assert found.undecided == 0 and found.visible == found.maximum
    return float(found.score)


def points(role: str, lanes: Collection[str]) -> float:
    return cell(scored(as_outcomes(recorded()[role]), lanes), Axis.PERFORMANCE)


@pytest.mark.parametrize("role", ROLES)
def test_points_differ_by_less_than_one_between_sets_of_lanes(role: str) -> None:
    given = {"+".join(sorted(lanes)): points(role, lanes) for lanes in SETS}
    assert len(given) == 14
    assert max(given.values()) - min(given.values()) < 1, given


def test_the_three_lie_far_apart_on_every_set_of_lanes() -> None:
    for lanes in SETS:
        naive, middle, reference = (points(role, lanes) for role in ROLES)
        assert naive < 1 and 5 < middle < 8 and reference == STAGE.cells[Axis.PERFORMANCE]


@pytest.mark.parametrize("role", ROLES)
def test_correctness_is_full_on_every_set_of_lanes(role: str) -> None:
    for lanes in (*SETS, {"sanitize"}):
        score = scored(as_outcomes(recorded()[role]), lanes)
        (correct,) = (one for one in score.cells if one.axis is Axis.CORRECTNESS)
        assert correct.score == STAGE.cells[Axis.CORRECTNESS]


def test_the_anchors_are_the_recorded_costs() -> None:
    reference, naive = recorded()["reference"], recorded()["naive"]
    for rule, anchor in STAGE.anchors.items():
        assert anchor.reference == pytest.approx(reference[rule], rel=0.005)
        capped = min(naive[rule], 8 * anchor.reference)
        slower = naive[rule] > 1.25 * reference[rule]
        assert not slower or anchor.naive == pytest.approx(capped, rel=0.005)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_grading_gives_what_is_recorded_and_what_is_right(role: str) -> None:
    outcomes = graded(role)
    costs = {one.rule: cost_of(one.measured) for one in outcomes if one.measured}
    assert costs == pytest.approx({rule: recorded()[role][rule] for rule in measured_rules()})
    lanes = {rule.lane for rule in STAGE.rules if rule.id in costs}
    wrong = {
        one.rule: one.cause for one in outcomes if one.status not in (Status.PASS, Status.SKIPPED)
    }
    assert wrong == {} and lanes
    odd = [
        one.rule
        for one in outcomes
        if one.measured and too_good(one.measured, STAGE.anchors[one.rule])
    ]
    assert odd == []
