"""Stage 3's stand-ins serve the stages above, and are worth nothing as a hand-in."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path

import pytest

from autograder.rubric.model import Axis
from autograder.source.variants import copy_package
from tests.stages.address_translation.bench import (
    REFERENCE,
    STAGE,
    Runner,
    passed_rules,
    violates,
)

contract = importlib.import_module("stage3.contract").Contract
operations = importlib.import_module("stage3.operations")


@pytest.fixture
def stand_ins(tmp_path: Path) -> Path:
    copy_package(REFERENCE, tmp_path)
    for file in (STAGE.folder / "stand_ins").glob("*.py"):
        shutil.copy(file, tmp_path / "pagedlab")
    return tmp_path


def test_they_stand_for_every_module() -> None:
    found = {file.name for file in (STAGE.folder / "stand_ins").glob("*.py")}
    assert found == set(STAGE.modules)


def test_proper_use_without_padding_is_served(stand_ins: Path) -> None:
    op = operations
    table = [[5, 2, 7], [1, 9, 4]]
    layout = importlib.import_module("stage3.layouts").lay_out((2, 2, 10, 4, 2, 3))
    programs = [
        (op.batch(table, [3, 1], [3, 4, 5, 11], 4),),
        (op.contiguous((2, 2, 10, 4, 2, 3), ("layer", "kv", "block", "head", "offset", "dim")),),
        (op.view(layout, 960),),
        (op.cache((2, 2, 10, 4, 2, 3)), op.write(1, [23, 8, 9, 19], 1), op.gather(1, [9, 23])),
    ]
    with Runner(stand_ins) as runner:
        for program in programs:
            seen = runner.observe(program)
            assert not violates(contract(), program, seen), (program, seen)


def test_a_copy_of_them_stays_below_the_gates(stand_ins: Path) -> None:
    with Runner(stand_ins) as runner:
        earned = [STAGE.rule(rule) for rule in passed_rules(runner)]
    total = sum(rule.weight for rule in STAGE.cell(Axis.CORRECTNESS))
    assert sum(rule.weight for rule in earned) < 0.2 * total, [rule.id for rule in earned]
