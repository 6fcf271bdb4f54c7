"""The reference, the starter and the example get what they must, whatever the seed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from autograder.rubric.load import load_course
from autograder.rubric.model import Axis, Course, Stage
from autograder.sandbox.isolation import Isolation, Tier, probe
from autograder.scoring.outcome import Status
from autograder.scoring.result import StageScore
from autograder.source.solutions import build_wheat, load_wheats
from autograder.source.variants import build_chaff, load_chaffs
from autograder.validate.run import grade_seeds
from tests.selftest.conftest import ROOT, Grader
from tests.selftest.some import LONG

STAGES = load_course(ROOT / "assignments").stages
EXAMPLE = ROOT / "examples" / "submissions" / "half_finished"
REGRADES = int(os.environ.get("REGRADES", "2"))
"""Fresh seeds tried a stage and a submission: `make test T=... REGRADES=20` tries more."""
FIRST = 100
SEEDS_FROM = int(os.environ.get("SEEDS_FROM", FIRST + 1))
"""Where the other seeds begin: many can be tried in pieces, each held against the first seed."""

pytestmark = pytest.mark.timeout(900)
each_stage = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.folder.name)


def decided(score: StageScore) -> dict[str, tuple[Status, object]]:
    axes = (Axis.CORRECTNESS, Axis.PERFORMANCE)
    here = (r for r in score.rules if not (r.cause and r.cause.kind == "lane"))
    return {r.rule.id: (r.status, r.points) for r in here if r.rule.axis in axes}


@each_stage
def test_the_reference_gets_every_point(grader: Grader, stage: Stage) -> None:
    score = grader.grade(ROOT / "reference", stage.id)
    lost = {one.rule.id: one.cause for one in score.rules if one.maximum > one.points}
    assert lost == {}
    assert (score.score, score.maximum) == (sum(stage.cells.values()),) * 2
    assert {rule.status for rule in score.rules if rule.maximum} == {Status.PASS}


@pytest.mark.parametrize(
    "stage",
    # The gate grades the starter of all stages as students get it: source/test_our_release.py.
    [
        pytest.param(one, id=one.folder.name, marks=[pytest.mark.slow] if one.id > 1 else [])
        for one in STAGES
    ],
)
def test_the_starter_gets_nothing_and_every_tested_rule_is_not_attempted(
    grader: Grader, stage: Stage
) -> None:
    score = grader.grade(ROOT / "starter", stage.id)
    assert score.score == 0
    assert {status for status, _ in decided(score).values()} == {Status.NOT_ATTEMPTED}
    assert Status.ERROR not in {rule.status for rule in score.rules}


def test_the_example_is_half_finished(grader: Grader) -> None:
    score = grader.grade(EXAMPLE)
    statuses = {rule.status for rule in score.rules if rule.maximum}
    assert statuses == {Status.PASS, Status.FAIL, Status.NOT_ATTEMPTED}
    assert 0.4 * score.maximum < score.score < 0.8 * score.maximum


@pytest.mark.parametrize("tier", [Tier.LANDLOCK, Tier.LIMITS])
def test_weaker_isolation_gives_the_same_points(
    grader: Grader, course: Course, tier: Tier, scratch: Path
) -> None:
    weaker = Grader(course, probe(tier), scratch / f"cache-{tier}")
    weak, strong = weaker.grade(EXAMPLE), grader.grade(EXAMPLE)
    assert [cell.score for cell in weak.cells] == [cell.score for cell in strong.cells]


@pytest.mark.parametrize(
    ("submission", "stage"),
    [
        ("examples/submissions/half_finished", STAGES[0]),
        *(("reference", one) for one in STAGES if one.id not in LONG),
        *(
            pytest.param("reference", one, marks=pytest.mark.slow)
            for one in STAGES
            if one.id in LONG
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value.folder.name,
)
def test_fresh_seeds_give_the_same_points(
    isolation: Isolation, stage: Stage, submission: str
) -> None:
    same_points(stage, ROOT / submission, isolation)


@pytest.mark.slow
@pytest.mark.parametrize("kernel", ["slow, and half done", "rescale_forgotten"])
def test_fresh_seeds_give_4_attention_the_same_points(
    isolation: Isolation, course: Course, kernel: str, scratch: Path
) -> None:
    stage, folder = course.stage(4), scratch / f"kernel-{kernel.partition(',')[0]}"
    chaffs = {chaff.id: chaff for chaff in load_chaffs(stage)}
    if kernel in chaffs:
        build_chaff(chaffs[kernel], ROOT / "reference", folder)
    else:
        wheats = {wheat.id: wheat for wheat in load_wheats(stage)}
        build_wheat(wheats["program_per_group"], ROOT / "reference", folder)
        shutil.copy(ROOT / "starter/pagedlab/kv_cache_write.py", folder / "pagedlab")
    lost = same_points(stage, folder, isolation)
    assert lost["4.4"] is (kernel not in chaffs) and lost["4.18"] is (kernel in chaffs)


def same_points(stage: Stage, submission: Path, isolation: Isolation) -> dict[str, bool]:
    """Grade by fresh seeds: the same each time. Gives whether each rule lost points."""
    seeds = (FIRST, *range(SEEDS_FROM, SEEDS_FROM + REGRADES - 1))
    first, *others = grade_seeds(ROOT, stage, submission, isolation, seeds)
    for graded in others:
        assert {rule: (one.status, one.lost) for rule, one in graded.items()} == {
            rule: (one.status, one.lost) for rule, one in first.items()
        }
    return {rule: one.lost > 0 for rule, one in first.items()}
