"""The reference, the starter and the example get what they must, whatever the seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.rubric.model import Axis, Course
from autograder.sandbox.isolation import Tier, probe
from autograder.scoring.outcome import Status
from autograder.scoring.result import StageScore
from tests.selftest.conftest import ROOT, Grader

REGRADES = 20

pytestmark = pytest.mark.timeout(600)


def decided(score: StageScore) -> dict[str, tuple[Status, object]]:
    axes = (Axis.CORRECTNESS, Axis.PERFORMANCE)
    return {r.rule.id: (r.status, r.points) for r in score.rules if r.rule.axis in axes}


def test_the_reference_gets_every_point(grader: Grader) -> None:
    score = grader.grade(ROOT / "reference")
    assert (score.score, score.maximum) == (15, 15)
    assert {rule.status for rule in score.rules if rule.maximum} == {Status.PASS}


def test_the_starter_gets_nothing_and_every_tested_rule_is_not_attempted(grader: Grader) -> None:
    score = grader.grade(ROOT / "starter")
    assert score.score == 0
    assert {status for status, _ in decided(score).values()} == {Status.NOT_ATTEMPTED}
    assert Status.ERROR not in {rule.status for rule in score.rules}


def test_the_example_is_half_finished(grader: Grader) -> None:
    score = grader.grade(ROOT / "examples" / "submissions" / "half_finished")
    statuses = {rule.status for rule in score.rules if rule.maximum}
    assert statuses == {Status.PASS, Status.FAIL, Status.NOT_ATTEMPTED}
    assert 0.4 * score.maximum < score.score < 0.8 * score.maximum


@pytest.mark.parametrize("tier", [Tier.LANDLOCK, Tier.LIMITS])
def test_weaker_isolation_gives_the_same_points(
    grader: Grader, course: Course, tier: Tier, scratch: Path
) -> None:
    example = ROOT / "examples" / "submissions" / "half_finished"
    weaker = Grader(course, probe(tier), scratch / f"cache-{tier}")
    weak, strong = weaker.grade(example), grader.grade(example)
    assert [cell.score for cell in weak.cells] == [cell.score for cell in strong.cells]


@pytest.mark.parametrize("submission", ["reference", "examples/submissions/half_finished"])
def test_twenty_fresh_seeds_give_the_same_points(grader: Grader, submission: str) -> None:
    folder: Path = ROOT / submission
    first, *others = (grader.grade(folder, seed) for seed in range(100, 100 + REGRADES))
    for score in others:
        assert decided(score) == decided(first)
        assert [cell.score for cell in score.cells] == [cell.score for cell in first.cells]
