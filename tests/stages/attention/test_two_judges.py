"""Contract and oracle of stage 4 were written apart. On every program they come to one verdict."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from autograder.judge.parents import Parents
from autograder.paged_batch.spec import WriteSpec
from autograder.program.model import Program
from autograder.source.solutions import build_wheat, load_wheats
from autograder.source.variants import build_chaff, student_test_chaffs
from tests.selftest.some import some
from tests.stages.attention.bench import REFERENCE, STAGE, Runner, rule_programs, violates

contract = importlib.import_module("stage4.contract").Contract
oracle = importlib.import_module("stage4.oracle").Oracle
WHEATS = {wheat.id: wheat for wheat in load_wheats(STAGE)}
CHAFFS = {chaff.id: chaff for chaff in student_test_chaffs(STAGE)}
RULES = ("4.1", "4.2", "4.3", "4.5", "4.6", "4.8", "4.11", "4.16", "4.17", "4.21")


def programs() -> list[Program]:
    """Two of each of some rules: every operation is among them."""
    return [program for rule in RULES for program, _ in rule_programs()[rule][:2]]


def verdicts(runner: Runner) -> list[tuple[str, bool, bool]]:
    """For each program: does the contract find something, does the oracle?"""
    found = []
    for program in programs():
        seen = runner.observe(program)
        both = (violates(judge, program, seen) for judge in (contract, oracle))
        found.append((str(program), *both))
    return found


def test_there_are_programs_of_every_operation() -> None:
    language = importlib.import_module("stage4.language")
    assert {op.name for program in programs() for op in program} == set(language.METHODS)


@pytest.mark.parametrize("name", WHEATS)
def test_both_accept_every_correct_submission(name: str, tmp_path: Path, parents: Parents) -> None:
    build_wheat(WHEATS[name], REFERENCE, tmp_path)
    with Runner(tmp_path, parents) as runner:
        assert [one for one in verdicts(runner) if one[1] or one[2]] == []


@pytest.mark.parametrize("name", some(CHAFFS))
def test_both_say_the_same_of_a_wrong_one(name: str, tmp_path: Path, parents: Parents) -> None:
    build_chaff(CHAFFS[name], REFERENCE, tmp_path)
    with Runner(tmp_path, parents) as runner:
        found = verdicts(runner)
    assert [one for one in found if one[1] != one[2]] == []


def test_a_write_of_no_token_needs_no_kernel(parents: Parents) -> None:
    write = importlib.import_module("stage4.operations").write
    program = (write(WriteSpec((), num_blocks=2)),)
    with Runner(REFERENCE, parents) as runner:
        seen = runner.observe(program)
    assert seen[0].state["launches"] == []
    assert not violates(oracle, program, seen)
