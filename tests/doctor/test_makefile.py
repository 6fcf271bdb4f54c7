"""The Makefile's face: help, and what reaches the command line. No verb is run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The Makefiles alone."""
    for name in ("Makefile", "instructor.mk"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def make(tree: Path, *arguments: str) -> str:
    # The command line is printed a word a line instead of being run.
    show = ["RUN=printf '%s\\n'", "SERVE=printf '%s\\n'", "SETUP=true"]
    # Variables that this very test run was started with stand in make's own environment.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    env.pop("ARGS", None)
    ended = subprocess.run(
        ["make", *arguments, *show], cwd=tree, env=env, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_make_alone_prints_grouped_help_with_an_example_for_every_verb(tree: Path) -> None:
    text = make(tree)
    verbs = [line for line in text.splitlines() if line.startswith("  ")]
    assert [line for line in verbs if " make" not in line] == []
    assert max(map(len, text.splitlines())) <= 90
    at = [text.index(word) for word in ("\nStudent\n", "make grade", "\nInstructor\n", "make test")]
    assert at == sorted(at)


def test_a_students_tree_shows_no_instructor_targets(tree: Path) -> None:
    (tree / "instructor.mk").unlink()
    text = make(tree)
    assert "Student" in text
    assert "Instructor" not in text and "calibrate" not in text


def test_the_courses_own_tree_grades_the_example(tree: Path) -> None:
    assert make(tree, "grade").split() == ["grade", "examples/submissions/half_finished"]


def test_a_students_tree_grades_itself(tree: Path) -> None:
    (tree / "pagedlab").mkdir()
    assert make(tree, "grade").split() == ["grade", "."]


def test_variables_become_options(tree: Path) -> None:
    words = make(tree, "grade", "S=1 2", "JSON=1", "ALL=1", "SEED=7", "SUBMISSION=here").split()
    assert words == (
        ["grade", "here", "--stage", "1", "--stage", "2", "--json", "--all", "--seed", "7"]
    )


def test_odd_names_reach_the_command_line_as_one_word(tree: Path) -> None:
    name = 'it\'s $(HOME) "mine"; echo'
    words = make(tree, "grade", f"SUBMISSION={name.replace('$', '$$')}").splitlines()
    assert words == ["grade", name]


def test_serving_takes_the_same_submission_as_grading(tree: Path) -> None:
    assert make(tree, "serve").split() == ["examples/submissions/half_finished"]
    words = make(
        tree, "serve", "SUBMISSION=reference", "PORT=8001", "HOST=::1", "ARGS=--policy fair"
    )
    assert words.split() == ["reference", "--port", "8001", "--host", "::1", "--policy", "fair"]
    (tree / "pagedlab").mkdir()
    assert make(tree, "serve").split() == ["."]


@pytest.mark.parametrize("verb", ["check", "debug", "hint"])
def test_a_missing_rule_is_left_to_the_command_line(tree: Path, verb: str) -> None:
    assert make(tree, verb).splitlines()[:2] == [verb, ""]
    assert make(tree, verb, "R=1.3").splitlines()[:2] == [verb, "1.3"]
