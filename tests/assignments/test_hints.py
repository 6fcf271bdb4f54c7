"""Every rule that a student can work on has its hints, and no hint gives the solution away."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STAGES = sorted(path.parent for path in (ROOT / "assignments").glob("*/stage.toml"))
TESTED = ("correctness", "performance")
LONGEST = 320
TRIVIAL = 12
"""Shorter lines, such as `return blocks`, say nothing."""


@pytest.fixture(params=STAGES, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


def test_every_rule_has_hints_but_those_read_by_a_person(folder: Path) -> None:
    wanted = {rule["id"] for rule in _rules(folder) if rule.get("check") != "human"}
    assert set(_hints(folder)) == wanted


def test_a_tested_rule_has_three_hints_and_any_other_one(folder: Path) -> None:
    hints = _hints(folder)
    for rule in _rules(folder):
        if rule["id"] in hints:
            assert len(hints[rule["id"]]) == (3 if rule["axis"] in TESTED else 1), rule["id"]


def test_every_hint_is_a_short_text_of_its_own(folder: Path) -> None:
    hints = [hint for texts in _hints(folder).values() for hint in texts]
    assert len(set(hints)) == len(hints)
    for hint in hints:
        assert hint == hint.strip() and hint.endswith((".", "?")) and "\n" not in hint, hint
        assert len(hint) <= LONGEST, hint


def test_no_hint_contains_a_line_of_the_solution(folder: Path) -> None:
    modules = tomllib.loads((folder / "stage.toml").read_text(encoding="utf-8"))["modules"]
    lines = {
        line
        for module in modules
        for line in solution_lines((ROOT / "reference/pagedlab" / module).read_text("utf-8"))
    }
    assert lines
    for rule, texts in _hints(folder).items():
        given_away = [line for line in lines for text in texts if line in _squeezed(text)]
        assert given_away == [], rule


def test_solution_lines_are_those_between_the_markers() -> None:
    source = """
    def f(x):
        # BEGIN SOLUTION
        if x:
            return  sorted(x)[0]
        # END SOLUTION
    def stays_visible(): ...
    """
    assert list(solution_lines(source)) == ["return sorted(x)[0]"]


def test_a_line_of_the_solution_in_a_hint_is_noticed_however_it_is_spaced() -> None:
    assert "return sorted(x)[0]" in _squeezed("Just write `return  sorted(x)[0]`.")


def solution_lines(source: str) -> Iterator[str]:
    """The lines of solution regions that say something, with single spaces."""
    inside = False
    for line in map(_squeezed, source.splitlines()):
        if line in ("# BEGIN SOLUTION", "# END SOLUTION"):
            inside = line == "# BEGIN SOLUTION"
        elif inside and len(line) >= TRIVIAL:
            yield line


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _rules(folder: Path) -> list[dict[str, str]]:
    rules: list[dict[str, str]] = tomllib.loads((folder / "stage.toml").read_text("utf-8"))["rules"]
    return rules


def _hints(folder: Path) -> dict[str, list[str]]:
    entries = tomllib.loads((folder / "hints.toml").read_text(encoding="utf-8"))
    return {rule: entry["hints"] for rule, entry in entries.items()}
