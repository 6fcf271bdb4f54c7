"""Contract and oracle were written apart. On random programs they must come to one verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.program.model import Program, first_violation
from autograder.source.solutions import build_wheat, load_wheats
from autograder.source.variants import build_chaff, load_chaffs
from tests.selftest.some import some
from tests.stages.memory_tracking.bench import REFERENCE, STAGE, modules_of, part, seen_of

CHAFFS = {chaff.id: chaff for chaff in load_chaffs(STAGE)}
WHEATS = {wheat.id: wheat for wheat in load_wheats(STAGE)}
LOOKED_AT = ("B", "D", "E")
"""Groups whose chaffs show in programs of allocators and trackers. P is right, but slow."""


def programs() -> list[Program]:
    generate = part("generate")
    made = [generate.random_program(seed, 60, 7, generate.EVERYTHING) for seed in range(4)]
    for kind in ("first_fit", "buddy"):
        made += [*generate.allocator_programs(99, 40, kind)][:3]
    return made


def verdicts(submission: Path) -> list[tuple[bool, bool]]:
    """For each program: does the contract find something, does the oracle?"""
    contract, oracle = part("contract").Contract, part("oracle").Oracle
    with modules_of(submission) as modules:
        return [
            (
                first_violation(contract(), program, seen) is not None,
                first_violation(oracle(), program, seen) is not None,
            )
            for program in programs()
            for seen in [seen_of(modules, program)]
        ]


def test_both_accept_the_reference() -> None:
    assert verdicts(REFERENCE) == [(False, False)] * len(programs())


@pytest.mark.parametrize("name", WHEATS)
def test_both_accept_every_wheat(name: str, tmp_path: Path) -> None:
    build_wheat(WHEATS[name], REFERENCE, tmp_path)
    assert verdicts(tmp_path) == [(False, False)] * len(programs())


@pytest.mark.parametrize("name", some(one.id for one in CHAFFS.values() if one.group in LOOKED_AT))
def test_both_say_the_same_of_every_chaff(name: str, tmp_path: Path) -> None:
    build_chaff(CHAFFS[name], REFERENCE, tmp_path)
    found = verdicts(tmp_path)
    assert [contract for contract, _ in found] == [oracle for _, oracle in found]
