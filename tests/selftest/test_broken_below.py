"""One broken stage does not sink the others: the rest of a submission keeps its points."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.rubric.load import load_course
from autograder.rubric.model import Stage
from tests.selftest.conftest import ROOT, Grader

FIRST, *LATER = load_course(ROOT / "assignments").stages
KEPT = Fraction(4, 5)
pytestmark = pytest.mark.timeout(600)


@pytest.mark.skipif(not LATER, reason="there is no later stage in this suite")
@pytest.mark.parametrize(
    ("stage", "broken"),
    [
        *((stage, "not written") for stage in LATER[:2]),
        (LATER[0], "not Python"),
        *(pytest.param(stage, "not written", marks=pytest.mark.slow) for stage in LATER[2:]),
    ],
    ids=lambda value: value if isinstance(value, str) else value.folder.name,
)
def test_a_submission_perfect_but_for_stage_1_keeps_four_fifths_of_every_other_stage(
    grader: Grader, stage: Stage, broken: str, scratch: Path
) -> None:
    submission = scratch / f"broken-{stage.id}-{len(broken)}"
    shutil.copytree(ROOT / "reference", submission)
    for name in FIRST.modules:
        stub = (ROOT / "starter" / "pagedlab" / name).read_text(encoding="utf-8")
        text = stub if broken == "not written" else "def (:\n"
        (submission / "pagedlab" / name).write_text(text, encoding="utf-8")
    score = grader.grade(submission, stage.id)
    assert score.score >= KEPT * sum(stage.cells.values()), score.score
    assert score.score < sum(stage.cells.values()) or not stage.upstream
