"""Runs the programs of stage 4's rules on submissions, in confined workers, as the judge does.

Not in this process: Triton is either interpreted or compiled in a process, and other tests choose.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Self

from autograder.judge.clock import Budget
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.observe import observe
from autograder.judge.parents import Parents
from autograder.judge.session import Session
from autograder.judge.stage_package import import_stage
from autograder.judge.staging import stage_files
from autograder.judge.worker import Worker
from autograder.program.model import (
    Checker,
    NotWritten,
    Observation,
    Program,
    first_violation,
)
from autograder.rubric.load import load_course
from autograder.sandbox.isolation import probe

ROOT = Path(__file__).resolve().parents[3]
STAGE = load_course(ROOT / "assignments").stage(4)
REFERENCE = ROOT / "reference"
BUDGET = Budget(20.0, 100.0, 1 << 30)

import_stage(STAGE)
Against = Callable[[], Checker] | None


class Runner:
    """One submission in one worker, another one after each that ended. Use it in `with`."""

    def __init__(self, submission: Path, parents: Parents) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="stage4-")
        Path(self._folder.name).chmod(0o755)
        staged = stage_files(STAGE, submission, REFERENCE / "pagedlab", Path(self._folder.name))
        self._session = Session(STAGE, staged, parents, seed=1, shortens=False)
        self._session.keeps_spare = False
        self._worker: Worker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        self._folder.cleanup()

    def observe(self, program: Program) -> list[Observation]:
        """Run a program; an empty list if it ended the worker."""
        self._worker = self._worker or self._session.new_worker()
        try:
            return observe(self._worker, program, BUDGET)
        except (WorkerEnded, RequestFailed):
            self._worker = None
            return []

    def work(self, case: str) -> Any:
        """Run a case of the meter."""
        worker = self._session.new_worker()
        worker.request("prepare", {"size": 1}, BUDGET)
        return worker.request("work", {"case": case, "size": 1, "most_steps": 0}, BUDGET)


def new_parents() -> Parents:
    """Warm parents with this machine's isolation."""
    return Parents(probe())


class Recorder:
    """Stands for the judge in a rule's test: keeps the programs, and runs none."""

    def __init__(self) -> None:
        self._seed = 5
        self.programs: list[tuple[Program, Against]] = []

    def check(self, *ops: Any, against: Against = None) -> None:
        """Keep a program."""
        self.programs.append((ops, against))

    def check_all(self, programs: Iterator[Program], against: Against = None) -> None:
        """Keep many programs."""
        self.programs += [(program, against) for program in programs]

    def new_seed(self) -> int:
        """Another number each time."""
        self._seed += 1
        return self._seed


NOT_BY_PROGRAMS = ("4.20", "4.23", "4.24")
"""They look at the source, at what the compiler makes of it, and at what runs as C."""


@cache
def rule_programs() -> dict[str, list[tuple[Program, Against]]]:
    """Every program of the correctness rules that have some, with the checker that holds it."""
    found = {}
    for rule in STAGE.rules:
        for name, function in _tests():
            if name == rule.id and "P" not in name and name not in NOT_BY_PROGRAMS:
                recorder = Recorder()
                function(recorder)
                found[name] = recorder.programs
    return found


def _tests() -> Iterator[tuple[str, Callable[[Any], None]]]:
    for folder in ("public", "hidden"):
        for file in sorted((STAGE.folder / folder).glob("test_*.py")):
            spec = importlib.util.spec_from_file_location(f"stage4_{file.stem}", file)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            for function in vars(module).values():
                for mark in getattr(function, "pytestmark", ()):
                    if mark.name == "rule":
                        yield mark.args[0], function


def violates(against: Against, program: Program, seen: list[Observation], *invariants: str) -> bool:
    """True if a checker finds something wrong in what was seen, or if nothing was seen."""
    contract = importlib.import_module("stage4.contract").Contract
    if not seen:
        return True
    try:
        return first_violation((against or contract)(), program, seen, invariants) is not None
    except NotWritten:
        return True


def passed_rules(runner: Runner) -> list[str]:
    """The correctness rules with programs that a submission passes."""
    passed = []
    for rule, programs in rule_programs().items():
        if not any(
            violates(
                against,
                program,
                runner.observe(program),
                *(() if against else STAGE.rule(rule).invariants),
            )
            for program, against in programs
        ):
            passed.append(rule)
    return passed
