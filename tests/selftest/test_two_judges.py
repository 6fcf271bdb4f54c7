"""Contract and oracle were written apart. On every submission they must come to one verdict."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from autograder.judge.local import LocalWorker
from autograder.judge.session import observe
from autograder.judge.stage_package import import_stage
from autograder.judge.staging import stage_files
from autograder.judge.worker import Budget
from autograder.program.model import first_violation
from autograder.rubric.load import load_course
from autograder.source.variants import build_chaff, build_wheat, load_chaffs, load_wheats
from tests.selftest.conftest import ROOT

STAGE = load_course(ROOT / "assignments").stage(1)
BUDGET = Budget(60.0, 60.0, 1 << 30)
PROGRAMS = 6
# Chaffs that only programs without a pool can tell, or that no program can.
ELSEWHERE = ("F", "P")


def verdicts(folder: Path, submission: Path, mix_name: str) -> list[tuple[bool, bool]]:
    """For each program: does the contract find something, does the oracle?"""
    import_stage(STAGE)
    generate = importlib.import_module("stage1.generate")
    contract = importlib.import_module("stage1.contract").Contract
    oracle = importlib.import_module("stage1.oracle").Oracle
    staged = stage_files(STAGE, submission, ROOT / "reference" / "pagedlab", folder)
    worker = LocalWorker(staged.folder, staged.folder)
    modules = [Path(name).stem for name in STAGE.modules]
    worker.request("load", {"modules": modules}, BUDGET)
    found = []
    for seed in range(PROGRAMS):
        program = generate.random_program(seed, 150, 7, getattr(generate, mix_name))
        seen = observe(worker, program, BUDGET)
        by_contract = first_violation(contract(), program, seen)
        by_oracle = first_violation(oracle(), program, seen)
        found.append((by_contract is not None, by_oracle is not None))
    return found


@pytest.mark.parametrize("name", [wheat.id for wheat in load_wheats(STAGE)])
def test_both_accept_every_wheat(tmp_path: Path, name: str) -> None:
    wheat = next(wheat for wheat in load_wheats(STAGE) if wheat.id == name)
    build_wheat(wheat, ROOT / "reference", tmp_path / "submission")
    found = verdicts(tmp_path / "staged", tmp_path / "submission", "EVERYTHING")
    assert found == [(False, False)] * PROGRAMS


@pytest.mark.parametrize(
    "name", [chaff.id for chaff in load_chaffs(STAGE) if chaff.group not in ELSEWHERE]
)
def test_both_say_the_same_of_every_chaff(tmp_path: Path, name: str) -> None:
    chaff = next(chaff for chaff in load_chaffs(STAGE) if chaff.id == name)
    build_chaff(chaff, ROOT / "reference", tmp_path / "submission")
    for contract_found, oracle_found in verdicts(
        tmp_path / "staged", tmp_path / "submission", "EVERYTHING"
    ):
        assert contract_found == oracle_found
