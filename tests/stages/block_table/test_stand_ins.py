"""Stand-ins are right where they are used properly, and are worth little as a hand-in."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.program.model import Program, first_violation
from autograder.rubric.model import Stage
from tests.selftest.conftest import Grader
from tests.stages.block_table.bench import COURSE, REFERENCE, part, running

BELOW = COURSE.stage(1)
MOST = {1: Fraction(2, 5), 2: Fraction(9, 20)}
"""Share of a stage's points that its stand-ins may earn: well under half."""


def with_stand_ins(stage: Stage, out: Path) -> Path:
    """The reference with a stage's modules replaced by its stand-ins, and nothing else of it."""
    shutil.copytree(REFERENCE / "pagedlab", out / "pagedlab")
    for name in stage.modules:
        shutil.copyfile(stage.folder / "stand_ins" / name, out / "pagedlab" / name)
    return out


def proper(stage: Stage, seed: int) -> Program:
    """A random program without misuse, and without what the stand-ins leave out."""
    generate = part("generate", stage)
    if stage.id == 1:
        mix = generate.Mix(touch=2, cache=4, lookup=4, free=6, usage=1)
        program: Program = generate.random_program(seed, 300, 9, mix)
        return program
    mix = generate.Mix(admit=5, fork=2, preempt=1, vocabulary=2)
    program = generate.random_program(seed, 200, 10, mix)
    return program


@pytest.mark.parametrize("stage", [BELOW, COURSE.stage(2)], ids=["pool", "tables"])
def test_stand_ins_are_right_where_they_are_used_properly(stage: Stage, tmp_path: Path) -> None:
    oracle = part("oracle", stage).Oracle
    with running(with_stand_ins(stage, tmp_path), stage) as observe:
        for seed in range(12):
            program = proper(stage, seed)
            found = first_violation(oracle(), program, observe(program))
            # What follows an unnoticed misuse says nothing.
            assert found is None or found.violation.invariant == "I13", found


def test_the_stand_in_of_a_table_holds_rows(tmp_path: Path) -> None:
    language, oracle = part("language"), part("oracle").Oracle
    program = (
        language.rows(4, 5),
        language.add_row(0, 5, 2, 7),
        language.append_row(0, 9),
        language.append_row(2, 3),
        language.move_row(0, 1),
        language.swap_row(1, 2),
        language.clear_row(2),
    )
    with running(with_stand_ins(COURSE.stage(2), tmp_path)) as observe:
        assert first_violation(oracle(), program, observe(program)) is None


@pytest.mark.slow
@pytest.mark.parametrize("stage", [BELOW, COURSE.stage(2)], ids=["pool", "tables"])
def test_a_hand_in_made_of_stand_ins_earns_well_under_half(
    grader: Grader, stage: Stage, scratch: Path
) -> None:
    score = grader.grade(with_stand_ins(stage, scratch / f"stand-ins-{stage.id}"), stage.id)
    assert score.score <= MOST[stage.id] * sum(stage.cells.values()), score.score
