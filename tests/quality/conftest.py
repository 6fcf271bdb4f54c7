"""Submissions made from the reference by small changes, and the static checks run on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from autograder.quality.api import load_api
from autograder.quality.static import check_statically
from autograder.rubric.load import load_course
from autograder.rubric.model import Stage
from autograder.scoring.outcome import Outcome

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference" / "pagedlab"
ITEMS = len(load_api(ROOT / "assignments" / "1_block_pool" / "api.toml"))
"""Public functions, methods and classes that the starter declares; the reference adds none."""

Files = Mapping[str, str | None]
Make = Callable[[Files], Path]


class Judge(Protocol):
    """Checks the reference with some files changed; outcomes by check."""

    def __call__(self, changed: Files, *checks: str) -> dict[str, Outcome]: ...


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
    """Makes such a package and checks it, by all checks or by those that are named."""

    def check(changed: Files, *checks: str) -> dict[str, Outcome]:
        outcomes = check_statically(only(stage, *checks), make(changed), cache)
        return {stage.rule(outcome.rule).check: outcome for outcome in outcomes}

    return check


def only(stage: Stage, *checks: str) -> Stage:
    """The stage with the rules of these checks, or with all for none."""
    rules = [rule for rule in stage.rules if not checks or rule.check in checks]
    return replace(stage, rules=tuple(rules))


def edited(name: str, *changes: tuple[str, str]) -> dict[str, str | None]:
    """The reference's file with the first place of each passage replaced; it must be there."""
    text = (REFERENCE / name).read_text("utf-8")
    for old, new in changes:
        assert old in text, f"{name} has no {old!r}"
        text = text.replace(old, new, 1)
    return {name: text}


def codes(outcome: Outcome) -> set[str]:
    """The codes of an outcome's findings: the second word of each note."""
    notes = outcome.cause.notes if outcome.cause else ()
    return {note.split()[1] for note in notes if not note.startswith("run: ")}
