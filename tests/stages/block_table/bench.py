"""Runs programs on a submission in this process: stage 2's own tests need no confinement."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.judge.stage_package import import_stage
from autograder.program.model import Observation, Program
from autograder.rubric.load import load_course
from autograder.rubric.model import Stage
from autograder.worker.execute import STUDENT_PACKAGE
from autograder.worker.serve import Worker

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "reference"
COURSE = load_course(ROOT / "assignments")
STAGE = COURSE.stage(2)

Observe = Callable[[Program], list[Observation]]


def part(name: str, stage: Stage = STAGE) -> ModuleType:
    """A module of a stage's folder, such as its oracle."""
    if f"stage{stage.id}" not in sys.modules:
        import_stage(stage)
    return importlib.import_module(f"stage{stage.id}.{name}")


@contextmanager
def running(submission: Path, stage: Stage = STAGE) -> Iterator[Observe]:
    """Gives a function that runs a program on the submission; its modules go afterwards."""
    path = list(sys.path)
    _forget()
    worker = Worker(stage.folder, submission)
    report: Any = worker.handle("load", {"modules": [Path(name).stem for name in stage.modules]})
    assert set(report.values()) == {None}, report

    def observe(program: Program) -> list[Observation]:
        reply: Any = worker.handle("run", {"ops": [op.to_json() for op in program]})
        return [Observation.from_json(one) for one in reply]

    try:
        yield observe
    finally:
        sys.path[:] = path
        _forget()


def _forget() -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == STUDENT_PACKAGE]:
        del sys.modules[name]
