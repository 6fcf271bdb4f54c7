"""Public rules as otter's test files: all of them, and none that is hidden."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from autograder.publish import public_rules
from autograder.publish.otter_tests import otter_tests, write_otter_tests
from autograder.publish.public_rules import NotPassed, Undecided, require
from autograder.rubric.load import load_course
from autograder.rubric.model import Course
from tests.publish.bench import ROOT

RULE = {"id": "1.1", "title": "A rule", "points": 0.1, "max": 0.4, "cause": None}


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(ROOT / "assignments")


def run_as_otter_does(text: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The file's names, and its case under `case`, with a decorator that keeps what it is told."""
    kept: dict[str, Any] = {}

    def test_case(**options: Any) -> Callable[..., None]:
        return lambda function: kept.update(case={**options, "call": function})

    module = types.ModuleType("otter.test_files")
    module.test_case = test_case  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "otter", types.ModuleType("otter"))
    monkeypatch.setitem(sys.modules, "otter.test_files", module)
    exec(compile(text, "test", "exec"), kept)
    return kept


def test_every_public_rule_with_points_has_a_file_and_no_hidden_rule_has(course: Course) -> None:
    files = dict(otter_tests(course))
    for stage in course.stages:
        mine = {path for path in files if path.startswith(f"stage{stage.id}/")}
        # The rule of the GPU's lane has no points before it has been calibrated on one.
        automatic = [one for one in stage.rules if one.check != "human" and one.lane != "gpu"]
        names = {rule.id for rule in automatic if rule.visible}
        assert mine == {f"stage{stage.id}/{name}.py" for name in names}
    text = "".join(files.values())
    hidden = [rule for stage in course.stages for rule in stage.rules if not rule.visible]
    assert hidden and not [rule.id for rule in hidden if rule.title in text]


def test_a_file_is_of_otters_exception_based_form(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(public_rules, "require", asked.append)
    for path, text in otter_tests(course):
        file = run_as_otter_does(text, monkeypatch)
        rule = course.rule(Path(path).stem)
        assert file["OK_FORMAT"] is False and file["name"] == rule.id
        assert file["case"]["name"] == rule.title and file["case"]["hidden"] is False
        assert file["points"] == file["case"]["points"] > 0
        file["case"]["call"]()
        assert asked.pop() == rule.id


def test_stale_files_go_and_others_stay(course: Course, tmp_path: Path) -> None:
    (tmp_path / "stage1").mkdir()
    for name in ("stage1/1.99.py", "mine.py"):
        (tmp_path / name).touch()
    number = write_otter_tests(course, tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.py")}
    assert "mine.py" in found and "stage1/1.99.py" not in found and len(found) == number + 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, NotPassed) for status in ("fail", "timeout", "not_attempted", "blocked")),
        *(("error", Undecided), ("pass", None)),
    ],
)
def test_a_rule_that_does_not_pass_raises_and_a_fault_of_ours_is_another_word(
    status: str, error: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_rules, "graded", lambda *_: {"1.1": {**RULE, "status": status}})
    if error is None:
        require("1.1")
        return
    with pytest.raises(error):
        require("1.1")
    with pytest.raises(Undecided):
        require("1.2")


def test_a_failure_shows_the_program_and_what_was_expected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cause = {"summary": "a block twice", "program": ["a = get(1)", "free(a)"], "failing_line": 1}
    more = {"expected": "raises", "observed": "nothing", "place": "pagedlab/x.py:3"}
    rule = {**RULE, "status": "fail", "cause": {**cause, **more}}
    monkeypatch.setattr(public_rules, "graded", lambda *_: {"1.1": rule})
    with pytest.raises(NotPassed) as raised:
        require("1.1")
    said = str(raised.value)
    for part in ("0.1 of 0.4 points", "free(a)   <- here", "expected: raises", "R=1.1"):
        assert part in said


def test_grading_that_breaks_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 3, json.dumps({}), "autograder: no worker\n")

    monkeypatch.setattr(public_rules.subprocess, "run", breaks)
    with pytest.raises(Undecided, match="no worker"):
        public_rules.graded.__wrapped__(1, "somewhere")


def test_points_add_up_to_what_the_public_rules_can_give(course: Course) -> None:
    stage, *_ = course.stages
    total = Decimal(0)
    for path, text in otter_tests(course):
        if path.startswith("stage1/"):
            total += Decimal(text.partition("\npoints = ")[2].split("\n")[0])
    assert 0 < total < sum(stage.cells.values())
