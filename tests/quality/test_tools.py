"""What the tools print is read without being fooled, and breaking down is told from finding."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.quality import tools
from autograder.quality.docstrings import read_pydoclint
from autograder.quality.findings import MOST_NOTES, CheckerFault, Finding, Grade, outcome_of
from autograder.quality.formatting import read_black, read_ruff
from autograder.quality.tools import Finished, Tool
from autograder.quality.type_check import TypeCheck, read_mypy

DIFF = """--- pagedlab/a.py\t2026-01-01 00:00:00+00:00
+++ pagedlab/a.py\t2026-01-01 00:00:00+00:00
@@ -10,4 +10,4 @@
 x
--- pagedlab/b.py\tremoved
+y
 @@ -99,9 +99,9 @@
 z
--- pagedlab/c.py\t2026-01-01 00:00:00+00:00
+++ pagedlab/c.py\t2026-01-01 00:00:00+00:00
@@ -5 +5 @@
-a
+b
"""


def test_lines_of_a_file_are_not_taken_for_headers_of_the_diff() -> None:
    errors = "would reformat pagedlab/a.py\nwould reformat pagedlab/c.py\n"
    found = read_black(Finished(1, DIFF, errors))
    assert [finding.place for finding in found] == ["a.py:11", "c.py:5"]


@pytest.mark.parametrize(
    ("read", "finished"),
    [
        (read_black, Finished(1, "", "Traceback (most recent call last):\nValueError: no")),
        (read_black, Finished(2, "", "Error: Invalid value for '--config'")),
        (read_black, Finished(0, "", "would reformat pagedlab/a.py\n")),
        (read_black, Finished(123, "", "error: cannot format a.py: INTERNAL ERROR: oh no\n")),
        (read_ruff, Finished(2, "", "ruff failed")),
        (read_ruff, Finished(0, "{}", "")),
        (read_ruff, Finished(0, "All checks passed!", "")),
        (read_ruff, Finished(2, "", "panic")),
        (read_mypy, Finished(2, "", "error: INTERNAL ERROR")),
        (read_mypy, Finished(1, "", "Traceback")),
        (read_mypy, Finished(1, "not json", "")),
        (read_mypy, Finished(0, '{"file": "a.py"}', "")),
        (read_mypy, Finished(0, "", "mypy.ini: Unrecognized option: strct = True")),
        (read_pydoclint, Finished(1, "", "Traceback (most recent call last):\nValueError: no")),
        (read_pydoclint, Finished(2, "", "Usage: pydoclint")),
    ],
)
def test_a_broken_tool_is_never_read_as_a_finding_or_as_clean(
    read: Callable[[Finished], object], finished: Finished
) -> None:
    with pytest.raises(CheckerFault):
        read(finished)


def test_black_says_which_file_it_cannot_parse() -> None:
    errors = "error: cannot parse: pagedlab/a.py:7:3\n    would reformat pagedlab/b.py\n"
    assert [finding.place for finding in read_black(Finished(123, "", errors))] == ["a.py:7"]


def test_a_tool_that_is_not_installed_says_so(tmp_path: Path) -> None:
    tool = Tool("no_such_checker", [], tmp_path, tmp_path)
    with pytest.raises(CheckerFault, match="no_such_checker is not installed"):
        tool.finish(time.monotonic() + 60)


def test_a_tool_that_hangs_is_ended_at_the_deadline(tmp_path: Path) -> None:
    tool = Tool("http.server", ["0", "--bind", "127.0.0.1"], tmp_path, tmp_path)
    with pytest.raises(CheckerFault, match="did not finish in time"):
        tool.finish(time.monotonic())


def test_more_output_than_is_read_ends_with_a_whole_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "MOST_OUTPUT", 90)
    finished = Tool("this", [], tmp_path, tmp_path).finish(time.monotonic() + 60)
    assert finished.output.splitlines()[-1] == "Beautiful is better than ugly."


def test_a_file_that_stops_mypy_does_not_shield_the_others(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "pagedlab").mkdir()
    (tmp_path / "pagedlab" / "bad.py").write_text("def f(a: int, a: int) -> None: ...\n")
    (tmp_path / "pagedlab" / "good.py").write_text("from pagedlab.bad import f\nx: int = ''\n")
    check = TypeCheck(tmp_path, ["bad.py", "good.py"], cache / "mypy", complete=True)
    found = check.errors(time.monotonic() + 60)
    assert [(finding.place, finding.code) for finding in found] == [
        ("bad.py:1", "mypy[syntax]"),
        ("good.py:2", "mypy[assignment]"),
    ]


def test_a_report_is_printable_and_bounded() -> None:
    findings = tuple(
        Finding("a.py", line, "E1", "bell \x07 escape \x1b[31m" + "x" * 500)
        for line in range(1, MOST_NOTES + 11)
    )
    cause = outcome_of("1.Q1", Grade(Fraction(0), "no", findings, ("black .",))).cause
    assert cause is not None
    assert cause.notes[-2:] == ("... and 10 more", "run: black .")
    assert all(note.isprintable() and len(note) <= 240 for note in cause.notes)
    assert cause.place == "a.py:1"
