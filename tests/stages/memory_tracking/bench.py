"""Run stage 6's programs in this process, on the reference, a wheat or a chaff."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from autograder.judge.stage_package import import_stage
from autograder.program.model import Observation, Program
from autograder.rubric.load import load_course
from autograder.worker.execute import run_program

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "reference"
STAGE = load_course(ROOT / "assignments").stage(6)
import_stage(STAGE)


def part(name: str) -> ModuleType:
    """A module of the stage's folder."""
    return importlib.import_module(f"stage6.{name}")


@contextmanager
def modules_of(submission: Path) -> Iterator[dict[str, ModuleType]]:
    """The submission's modules; whatever was imported as `pagedlab` before comes back after."""
    before = _taken()
    sys.path.insert(0, str(submission))
    try:
        names = [Path(name).stem for name in STAGE.modules]
        yield {name: importlib.import_module(f"pagedlab.{name}") for name in names}
    finally:
        sys.path.remove(str(submission))
        _taken()
        sys.modules.update(before)


def seen_of(modules: dict[str, ModuleType], program: Program) -> list[Observation]:
    """What running a program on the modules shows."""
    driver = part("driver").Driver(modules)
    shown = run_program(driver, [op.to_json() for op in program])  # type: ignore[misc]
    return [Observation.from_json(one) for one in shown]


def _taken() -> dict[str, ModuleType]:
    """Take all modules of `pagedlab` out of the imported ones."""
    names = [name for name in sys.modules if name.partition(".")[0] == "pagedlab"]
    return {name: sys.modules.pop(name) for name in names}
