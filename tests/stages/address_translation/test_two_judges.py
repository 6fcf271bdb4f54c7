"""Contract and oracle of stage 3 were written apart. On every program they come to one verdict."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from autograder.source.solutions import build_wheat, load_wheats
from autograder.source.variants import build_chaff, load_chaffs
from tests.selftest.some import some
from tests.stages.address_translation.bench import (
    REFERENCE,
    STAGE,
    Runner,
    all_programs,
    violates,
)

contract = importlib.import_module("stage3.contract").Contract
oracle = importlib.import_module("stage3.oracle").Oracle
WHEATS = {wheat.id: wheat for wheat in load_wheats(STAGE)}
CHAFFS = {chaff.id: chaff for chaff in load_chaffs(STAGE) if chaff.group in STAGE.groups}


def verdicts(submission: Path) -> list[tuple[str, bool, bool]]:
    """For each program: does the contract find something, does the oracle?"""
    found = []
    with Runner(submission) as runner:
        for program in all_programs():
            seen = runner.observe(program)
            by_contract = violates(contract(), program, seen)
            found.append((str(program), by_contract, violates(oracle(), program, seen)))
    return found


def test_there_are_programs_of_every_operation() -> None:
    operations = {op.name for program in all_programs() for op in program}
    language = importlib.import_module("stage3.language")
    assert operations == set(language.METHODS) - {"clock"}


@pytest.mark.parametrize("name", ["reference", *WHEATS])
def test_both_accept_every_correct_submission(name: str, tmp_path: Path) -> None:
    if name != "reference":
        build_wheat(WHEATS[name], REFERENCE, tmp_path)
    found = verdicts(REFERENCE if name == "reference" else tmp_path)
    assert [one for one in found if one[1] or one[2]] == []


@pytest.mark.parametrize("name", some(CHAFFS))
def test_both_say_the_same_of_every_chaff(name: str, tmp_path: Path) -> None:
    build_chaff(CHAFFS[name], REFERENCE, tmp_path)
    found = verdicts(tmp_path)
    assert [one for one in found if one[1] != one[2]] == []
    assert any(one[1] for one in found)
