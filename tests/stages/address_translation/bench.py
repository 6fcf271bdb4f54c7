"""Runs the programs of stage 3's rules on submissions in this process: for code of our own."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.judge.stage_package import import_stage
from autograder.program.model import (
    Checker,
    NotWritten,
    Observation,
    Op,
    Program,
    first_violation,
)
from autograder.rubric.load import load_course
from autograder.worker.serve import Worker

ROOT = Path(__file__).resolve().parents[3]
STAGE = load_course(ROOT / "assignments").stage(3)
REFERENCE = ROOT / "reference"
SEED = 5

import_stage(STAGE)


class Runner:
    """One submission, loaded in this process; its package goes when the `with` block ends."""

    def __init__(self, submission: Path) -> None:
        self._worker = Worker(STAGE.folder, submission)

    def __enter__(self) -> Runner:
        self._path = list(sys.path)
        _forget_package()
        names = [Path(name).stem for name in STAGE.modules]
        assert self._worker.handle("load", {"modules": names}) == dict.fromkeys(names)
        return self

    def __exit__(self, *_: object) -> None:
        sys.path[:] = self._path
        _forget_package()

    def observe(self, program: Program) -> list[Observation]:
        """Run a program."""
        ops: Any = [op.to_json() for op in program]
        shown: Any = self._worker.handle("run", {"ops": ops})
        return [Observation.from_json(one) for one in shown]

    def work(self, case: str, size: int) -> Any:
        """Run a case of the meter, counted."""
        self._worker.handle("prepare", {"size": size})
        return self._worker.handle("work", {"case": case, "size": size, "most_steps": 10**9})


def _forget_package() -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == "pagedlab"]:
        del sys.modules[name]


class Recorder:
    """Stands for the judge in a rule's test: keeps the programs, and runs them on the reference."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._seed = SEED
        self.programs: list[tuple[Program, Callable[[], Checker] | None]] = []

    def check(self, *ops: Op, against: Callable[[], Checker] | None = None) -> list[Observation]:
        """Keep a program."""
        self.programs.append((ops, against))
        return self._runner.observe(ops)

    def check_all(
        self, programs: Iterable[Program], against: Callable[[], Checker] | None = None
    ) -> None:
        """Keep many programs."""
        for program in programs:
            self.check(*program, against=against)

    def new_seed(self) -> int:
        """Another number each time."""
        self._seed += 1
        return self._seed


@cache
def rule_programs() -> dict[str, list[tuple[Program, Callable[[], Checker] | None]]]:
    """Every program of every correctness rule, with the checker that it is held against."""
    found = {}
    with Runner(REFERENCE) as runner:
        for name, function in _rule_tests():
            if "P" not in name:
                recorder = Recorder(runner)
                function(recorder)
                found[name] = recorder.programs
    return found


def all_programs() -> list[Program]:
    """Every program of any correctness rule, once."""
    shown = {repr(program): program for program, _ in chain.from_iterable(rule_programs().values())}
    return list(shown.values())


def violates(checker: Checker, program: Program, seen: list[Observation], *invariants: str) -> bool:
    """True if a checker finds something wrong, or a stub, in what was seen of a program.

    Args:
        checker: a fresh one.
        program: that was run.
        seen: what it showed.
        invariants: ids of those that count; all, if none are named.
    """
    try:
        return first_violation(checker, program, seen, invariants) is not None
    except NotWritten:
        return True


def passed_rules(runner: Runner) -> list[str]:
    """The correctness rules that a submission passes."""
    contract = importlib.import_module("stage3.contract").Contract
    return [
        rule
        for rule, programs in rule_programs().items()
        if not any(
            violates(
                (against or contract)(),
                program,
                runner.observe(program),
                *(() if against else STAGE.rule(rule).invariants),
            )
            for program, against in programs
        )
    ]


def costs_module() -> ModuleType:
    """The performance rules' tests, with what verifies a batch."""
    return _test_module(STAGE.folder / "public" / "test_costs.py")


def _rule_tests() -> Iterator[tuple[str, Callable[[Any], None]]]:
    for folder in ("public", "hidden"):
        for file in sorted((STAGE.folder / folder).glob("test_*.py")):
            for function in vars(_test_module(file)).values():
                for mark in getattr(function, "pytestmark", ()):
                    yield mark.args[0], function


def _test_module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"stage3_rules_{file.stem}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
