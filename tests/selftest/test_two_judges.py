"""Contract and oracle were written apart. On every submission they must come to one verdict."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.judge.clock import Budget
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.observe import observe
from autograder.judge.parents import Parents
from autograder.judge.session import Session
from autograder.judge.stage_package import import_stage
from autograder.judge.staging import stage_files
from autograder.program.model import first_violation
from autograder.rubric.load import load_course
from autograder.sandbox.isolation import Isolation
from autograder.source.solutions import build_wheat, load_wheats
from autograder.source.variants import build_chaff, load_chaffs
from tests.selftest.conftest import ROOT
from tests.selftest.some import some

STAGE = load_course(ROOT / "assignments").stage(1)
BUDGET = Budget(1.0, 10.0, 1 << 30)
PROGRAMS = 4
# Chaffs that only programs without a pool can tell, or that no program can.
ELSEWHERE = ("F", "P")


def verdicts(submission: Path, isolation: Isolation, folder: Path) -> list[tuple[bool, bool]]:
    """For each program: does the contract find something, does the oracle?

    A program that ends its worker is left out: there is nothing to judge.
    """
    import_stage(STAGE)
    generate = importlib.import_module("stage1.generate")
    contract = importlib.import_module("stage1.contract").Contract
    oracle = importlib.import_module("stage1.oracle").Oracle
    staged = stage_files(STAGE, submission, ROOT / "reference" / "pagedlab", folder)
    found = []
    with Parents(isolation) as parents, Session(STAGE, staged, parents, seed=1) as session:
        for seed in range(PROGRAMS):
            program = generate.random_program(seed, 150, 7, generate.EVERYTHING)
            worker = session.new_worker()
            try:
                seen = observe(worker, program, BUDGET)
            except (WorkerEnded, RequestFailed):
                continue
            finally:
                worker.close()
            by_contract = first_violation(contract(), program, seen)
            by_oracle = first_violation(oracle(), program, seen)
            found.append((by_contract is not None, by_oracle is not None))
    return found


@pytest.fixture
def place(scratch: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("name", [wheat.id for wheat in load_wheats(STAGE)])
def test_both_accept_every_wheat(place: Path, isolation: Isolation, name: str) -> None:
    wheat = next(wheat for wheat in load_wheats(STAGE) if wheat.id == name)
    build_wheat(wheat, ROOT / "reference", place / "submission")
    found = verdicts(place / "submission", isolation, place / "staged")
    assert found == [(False, False)] * PROGRAMS


@pytest.mark.parametrize(
    "name",
    some([chaff.id for chaff in load_chaffs(STAGE) if chaff.group not in ELSEWHERE]),
)
def test_both_say_the_same_of_every_chaff(place: Path, isolation: Isolation, name: str) -> None:
    chaff = next(chaff for chaff in load_chaffs(STAGE) if chaff.id == name)
    build_chaff(chaff, ROOT / "reference", place / "submission")
    found = verdicts(place / "submission", isolation, place / "staged")
    assert [contract for contract, _ in found] == [oracle for _, oracle in found]
