"""Generating the starter, and noticing that it has drifted."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.cli.starter import main
from autograder.source.starter import build_starter


def test_generating_writes_every_file_once(course: Path) -> None:
    file = course / "starter" / "pagedlab" / "toy.py"
    before = file.stat().st_mtime_ns
    assert "Stage 1 · Pile.take is not written yet" in file.read_text(encoding="utf-8")
    assert main([], course) == 0
    assert file.stat().st_mtime_ns == before
    given = course / "starter" / "pagedlab" / "errors.py"
    assert given.read_bytes() == (course / "reference" / "pagedlab" / "errors.py").read_bytes()
    assert (course / "starter" / "design.toml").read_text(
        encoding="utf-8"
    ) == "[stage1]\nclaim = 0\n"


def test_the_claims_of_all_stages_are_one_file(course: Path) -> None:
    second = course / "assignments" / "2_more"
    (second / "starter").mkdir(parents=True)
    (second / "stage.toml").write_text('modules = []\ngiven = ["errors.py"]\n')
    (second / "starter" / "design.toml").write_text("[stage2]\nclaim = 1\n")
    assert build_starter(course)["design.toml"] == "[stage1]\nclaim = 0\n\n[stage2]\nclaim = 1\n"


def test_check_names_each_drifted_file_and_writes_nothing(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    starter = course / "starter"
    (starter / "pagedlab" / "toy.py").write_text("changed\n")
    (starter / "design.toml").unlink()
    (starter / "pagedlab" / "old.py").write_text("")
    (starter / ".pagedlab").mkdir()
    (starter / ".pagedlab" / "results.json").write_text("{}")
    capsys.readouterr()
    assert main(["--check"], course) == 1
    assert capsys.readouterr().out.splitlines() == [
        "starter/design.toml: missing",
        "starter/pagedlab/toy.py: not what reference/ and assignments/ give",
        "starter/pagedlab/old.py: not generated: remove it",
    ]
    assert (starter / "pagedlab" / "toy.py").read_text() == "changed\n"
    assert main([], course) == 1, "generating removes nothing, and says what to remove"
    assert capsys.readouterr().out == "starter/pagedlab/old.py: not generated: remove it\n"


@pytest.mark.parametrize(
    ("file", "text", "error"),
    [
        ("reference/pagedlab/toy.py", "# BEGIN SOLUTION\n", "toy.py:1: BEGIN without END"),
        ("reference/pagedlab/new.py", "", "new.py:1: in reference/, but no stage.toml names it"),
        (
            "reference/pagedlab/errors.py",
            "def f() -> None:\n    # BEGIN SOLUTION\n    pass\n    # END SOLUTION\n",
            "errors.py:1: given, and holds a solution",
        ),
        (
            "assignments/1_toy/stage.toml",
            'modules = ["toy.py", "more.py"]\ngiven = ["__init__.py", "errors.py"]\n',
            "more.py:1: named in a stage.toml, but not in reference/pagedlab/",
        ),
        (
            "assignments/1_toy/stage.toml",
            'modules = ["toy.py"]\ngiven = ["__init__.py", "errors.py", "toy.py"]\n',
            "toy.py:1: named under `modules` and under `given`",
        ),
        ("assignments/1_toy/stage.toml", "modules = [", "stage.toml: "),
    ],
)
def test_a_course_that_cannot_be_stripped_is_refused_in_one_line(
    course: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, error: str
) -> None:
    (course / file).write_text(text)
    capsys.readouterr()
    assert main(["--check"], course) == 3
    captured = capsys.readouterr()
    assert captured.err.startswith("starter: ") and error in captured.err
    assert captured.err.count("\n") == 1 and not captured.out
