"""Some mistakes show on large batches alone: the lane that runs kernels as C is for them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from autograder.judge.grade import Job, grade_stage
from autograder.rubric.model import Axis
from autograder.scoring.outcome import Outcome, Status
from autograder.scoring.score import score_stage
from autograder.source.variants import build_chaff, load_chaffs
from tests.scoring.bench import found
from tests.stages.attention.bench import REFERENCE, ROOT, STAGE, new_parents

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]
LARGE = {
    "part_of_1024_keys_at_most": "4.24",
    "sixteen_sequences_at_most": "4.24",
    "lengths_in_16_bits": "4.24",
    "eight_parts_at_most": "4.P8",
}
CORRECT = frozenset(one.id for one in STAGE.cell(Axis.CORRECTNESS))
COUNTED = frozenset(one.id for one in STAGE.cell(Axis.PERFORMANCE)) - {"4.P6", "4.P10"}


@pytest.mark.parametrize("chaff_id", LARGE)
def test_no_rule_of_the_interpreter_sees_it(chaff_id: str) -> None:
    (chaff,) = (one for one in load_chaffs(STAGE) if one.id == chaff_id)
    wanted = CORRECT if LARGE[chaff_id] in CORRECT else COUNTED
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="stage4-") as folder, new_parents() as parents:
        build_chaff(chaff, REFERENCE, Path(folder))
        job = Job(ROOT, Path(folder), parents, 1, Path(folder), wanted, shortens=False)
        grade_stage(job, STAGE, outcomes.append)
    score = score_stage(STAGE, found(outcomes), wanted)
    lost = {one.rule.id for one in score.rules if one.points < one.maximum}
    assert LARGE[chaff_id] in lost and {STAGE.rule(one).lane for one in lost} == {"fast"}
    assert Status.ERROR not in {one.status for one in outcomes}
