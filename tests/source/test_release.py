"""The students' repository: what is in it, and that building it touches nothing else."""

from __future__ import annotations

import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from autograder.cli.release import main
from autograder.rubric.load import load_course
from autograder.rubric.model import Axis
from autograder.source.given import given_dir
from autograder.source.release import MANIFEST
from autograder.source.student_copy import student_requirements, without_rules
from autograder.source.toml_text import toml_text
from tests.source.trees import contents, files, git

OURS = [
    "Makefile",
    "README.md",
    "assignments/1_toy/README.md",
    "assignments/1_toy/driver.py",
    "assignments/1_toy/hints.toml",
    "assignments/1_toy/public/test_public.py",
    "assignments/1_toy/stage.toml",
    "assignments/1_toy/state.py",
    "assignments/course.toml",
    "assignments/given/__init__.py",
    "assignments/given/errors.py",
    "autograder/__init__.py",
    "autograder/release.sha256",
    "autograder/source/given.py",
    "design.toml",
    "pagedlab/__init__.py",
    "pagedlab/errors.py",
    "pagedlab/toy.py",
    "requirements.txt",
    "rubric.md",
    "tests/test_toy.py",
]


def test_a_release_holds_what_is_listed_and_nothing_else(out: Path) -> None:
    assert files(out) == OURS


def test_the_submission_is_the_root_and_all_stubs(course: Path, out: Path) -> None:
    assert "is not written yet" in (out / "pagedlab" / "toy.py").read_text(encoding="utf-8")
    assert (out / "README.md").read_text(encoding="utf-8").startswith("# Toy")


def test_the_given_files_are_found_here_and_in_a_release(course: Path, out: Path) -> None:
    for root in (course, out):
        text = (given_dir(root) / "errors.py").read_text(encoding="utf-8")
        assert text == (course / "reference/pagedlab/errors.py").read_text(encoding="utf-8")
    with pytest.raises(FileNotFoundError, match="no given files"):
        given_dir(course / "tests")


def test_hidden_rules_become_a_weight_and_all_else_of_a_stage_stays(
    course: Path, out: Path
) -> None:
    (before,), (after,) = (load_course(root / "assignments").stages for root in (course, out))
    assert [rule.id for rule in after.rules] == ["1.1", "1.P1", "1.Q1"]
    assert after.hidden_weight == {Axis.CORRECTNESS: 7, Axis.QUALITY: 7}
    assert after.rule("1.P1").requires == ("1.1",)
    assert (after.limits, after.gates, after.groups) == (before.limits, before.gates, before.groups)
    assert (after.invariants, after.modules, after.given) == (
        before.invariants,
        before.modules,
        before.given,
    )


def test_hints_of_hidden_rules_are_left_out(out: Path) -> None:
    text = (out / "assignments" / "1_toy" / "hints.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {"1.1": {"hints": ["Look."]}}


def test_pins_that_only_the_course_needs_are_left_out(out: Path) -> None:
    assert (out / "requirements.txt").read_text() == "# Direct\npytest==1.0  # runs\n"
    with pytest.raises(ValueError, match="requirements.txt does not pin absent"):
        student_requirements("pytest==1.0\n", ["absent"])


def test_two_builds_are_the_same_to_the_byte_and_to_the_commit(course: Path, out: Path) -> None:
    again = course.parent / "elsewhere" / "deep"
    assert main([str(again)], course) == 0
    assert contents(again) == contents(out)
    assert git(again, "rev-parse", "HEAD") == git(out, "rev-parse", "HEAD")


def test_the_history_is_one_commit_of_everything_by_nobody_in_particular(out: Path) -> None:
    assert git(out, "log", "--all", "--date=short", "--format=%an|%ae|%ad|%cd|%P") == (
        "PagedLab|pagedlab@example.invalid|2026-01-01|2026-01-01|"
    )
    assert git(out, "ls-tree", "-r", "--name-only", "HEAD").splitlines() == OURS
    assert git(out, "status", "--porcelain", "--ignored") == ""
    assert git(out, "branch", "--show-current") == "main"


def test_a_surrounding_git_command_is_not_touched(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(course / "not-there"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(course / "index"))
    assert main([str(course.parent / "hooked")], course) == 0
    assert not (course / "not-there").exists() and not (course / "index").exists()


def test_without_git_there_is_no_history(course: Path) -> None:
    out = course.parent / "plain"
    assert main([str(out), "--no-git"], course) == 0
    assert files(out) == OURS and not (out / ".git").exists()


def test_the_manifest_names_every_other_file_and_its_hash(out: Path) -> None:
    named = [line.split("  ") for line in (out / MANIFEST).read_text().splitlines()]
    assert [path for _, path in named] == [path for path in OURS if path != MANIFEST]
    for digest, path in named:
        assert sha256((out / path).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize(
    ("path", "text", "error"),
    [
        ("rubric.md", None, "release.toml: no file matches 'rubric.md'"),
        (
            "assignments/1_toy/driver.py",
            "from stage1 import oracle\n",
            "assignments/1_toy/driver.py:1: imports stage1.oracle, which release.toml does not",
        ),
        (
            "autograder/__init__.py",
            "def f():\n    import autograder.source.strip\n",
            "autograder/__init__.py:2: imports autograder.source.strip, which release.toml does",
        ),
        ("assignments/1_toy/driver.py", "def f(:\n", "driver.py, line 1"),
        ("starter/pagedlab/toy.py", "", "starter/pagedlab/toy.py: not what reference/"),
        ("requirements.txt", "pytest==1\n", "requirements.txt does not pin hypothesis"),
        ("assignments/course.toml", "x = 1\n", "course.toml"),
        ("autograder/source/release.toml", "copy = []\n", "release.toml: lacks 'stage'"),
        ("reference/pagedlab/toy.py", "# END SOLUTION\n", "toy.py:1: END without BEGIN"),
    ],
)
def test_a_course_that_cannot_be_released_is_refused_in_one_line(
    course: Path, capsys: pytest.CaptureFixture[str], path: str, text: str | None, error: str
) -> None:
    if text is None:
        (course / path).unlink()
    else:
        (course / path).write_text(text)
    capsys.readouterr()
    assert main([str(course.parent / "new")], course) == 3
    captured = capsys.readouterr()
    assert captured.err.startswith("release: ") and error in captured.err
    assert captured.err.count("\n") == 1 and not captured.out
    assert not (course.parent / "new").exists()


def test_a_link_is_not_released(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (course / "rubric.md").unlink()
    (course / "rubric.md").symlink_to(course / "reference" / "pagedlab" / "toy.py")
    assert main([str(course.parent / "new")], course) == 3
    assert "rubric.md: a link: release real files only" in capsys.readouterr().err


def test_what_runs_leave_behind_is_not_released(course: Path) -> None:
    for path in ("starter/.pagedlab/results.json", "starter/pagedlab/__pycache__/toy.pyc"):
        (course / path).parent.mkdir(parents=True, exist_ok=True)
        (course / path).write_text("{}")
    out = course.parent / "new"
    assert main([str(out)], course) == 0
    assert files(out) == OURS


def test_written_toml_reads_back_as_it_was() -> None:
    data = {
        "text": 'a "quoted" \\ line\nand\ttab\x7f "" another\n',
        "a.b": {"1.2": {"deep": [1, 2.5, True]}, "empty": {}},
        "long": ["x" * 60, "y" * 60, "multi\nline"],
        "rules": [{"id": "1", "sub": {"k": -1}}, {"id": "2"}],
        "none": [],
    }
    assert tomllib.loads(toml_text(data)) == data
    assert tomllib.loads(without_rules(toml_text(data), ["1.2"]))["a.b"] == {"empty": {}}
    with pytest.raises(TypeError, match="cannot be written as TOML"):
        toml_text({"x": object()})
