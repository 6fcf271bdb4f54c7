"""Contract and oracle were written apart. On every submission they must come to one verdict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.program.model import Program, first_violation
from autograder.source.solutions import build_wheat, load_wheats
from autograder.source.variants import build_chaff, load_chaffs
from tests.stages.block_table.bench import REFERENCE, STAGE, part, running

SEEDS = range(4)


def programs() -> Iterator[Program]:
    generate = part("generate")
    for seed in SEEDS:
        yield generate.random_program(seed, 150, 8 + 2 * seed)
        yield generate.random_program(seed, 60, 9, part("mixes").GROWTH)
        yield generate.row_program(seed, 80)


def verdicts(submission: Path) -> list[tuple[bool, bool]]:
    """For each program: does the contract find something, does the oracle?"""
    contract, oracle = part("contract").Contract, part("oracle").Oracle
    found = []
    with running(submission) as observe:
        for program in programs():
            seen = observe(program)
            by_contract = first_violation(contract(), program, seen)
            by_oracle = first_violation(oracle(), program, seen)
            found.append((by_contract is not None, by_oracle is not None))
    return found


def test_both_accept_the_reference() -> None:
    assert set(verdicts(REFERENCE)) == {(False, False)}


@pytest.mark.parametrize("name", [wheat.id for wheat in load_wheats(STAGE)])
def test_both_accept_every_wheat(name: str, tmp_path: Path) -> None:
    wheat = next(wheat for wheat in load_wheats(STAGE) if wheat.id == name)
    build_wheat(wheat, REFERENCE, tmp_path)
    assert set(verdicts(tmp_path)) == {(False, False)}


@pytest.mark.parametrize("name", [c.id for c in load_chaffs(STAGE) if c.group in STAGE.groups])
def test_both_say_the_same_of_every_chaff(name: str, tmp_path: Path) -> None:
    chaff = next(chaff for chaff in load_chaffs(STAGE) if chaff.id == name)
    build_chaff(chaff, REFERENCE, tmp_path)
    found = verdicts(tmp_path)
    assert [contract for contract, _ in found] == [oracle for _, oracle in found]
