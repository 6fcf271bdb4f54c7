"""Submissions made from the reference by small changes, and the static checks run on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from autograder.quality.static import check_statically
from autograder.rubric.load import load_course
from autograder.rubric.model import Stage
from autograder.scoring.outcome import Outcome

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference" / "pagedlab"

Files = Mapping[str, str | None]
Make = Callable[[Files], Path]
Judge = Callable[[Files], dict[str, Outcome]]


@pytest.fixture(scope="session")
def stage() -> Stage:
    """Stage 1, as the rubric has it."""
    return load_course(ROOT / "assignments").stage(1)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all, so that mypy reads the standard library once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def make(tmp_path: Path, stage: Stage) -> Make:
    """Writes a package: the reference, but for the files that are given (None: left out)."""

    def write(changed: Files) -> Path:
        package = tmp_path / "pagedlab"
        package.mkdir()
        for name in (*stage.modules, *stage.given):
            text = changed.get(name, (REFERENCE / name).read_text("utf-8"))
            if text is not None:
                (package / name).write_text(text, "utf-8")
        return package

    return write


@pytest.fixture
def judge(stage: Stage, make: Make, cache: Path) -> Judge:
    """Checks such a package; outcomes by check."""

    def check(changed: Files) -> dict[str, Outcome]:
        outcomes = check_statically(stage, make(changed), cache)
        return {stage.rule(outcome.rule).check: outcome for outcome in outcomes}

    return check


def edited(name: str, old: str, new: str) -> dict[str, str | None]:
    """The reference's file with one passage replaced, which must be there."""
    text = (REFERENCE / name).read_text("utf-8")
    assert text.count(old) >= 1, f"{name} has no {old!r}"
    return {name: text.replace(old, new, 1)}


def codes(outcome: Outcome) -> set[str]:
    """The codes of an outcome's findings: the second word of each note."""
    notes = outcome.cause.notes if outcome.cause else ()
    return {note.split()[1] for note in notes if not note.startswith("run: ")}
