"""Where a release may be put: it never removes what it did not write."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.cli.release import main
from tests.source.trees import contents, files, git


def test_an_empty_folder_can_be_used(course: Path) -> None:
    out = course.parent / "empty"
    out.mkdir()
    assert main([str(out)], course) == 0
    assert (out / "pagedlab" / "toy.py").is_file()


def test_a_folder_that_is_not_empty_is_refused(
    course: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(out)
    assert main([str(out)], course) == 2
    assert "not empty: name another place, or replace a release with --force" in (
        capsys.readouterr().err
    )
    assert contents(out) == before


def test_force_replaces_an_earlier_release(course: Path, out: Path) -> None:
    (course / "rubric.md").write_text("# New\n")
    (course / "assignments" / "1_toy" / "hints.toml").unlink()
    assert main([str(out), "--force"], course) == 0
    assert not (out / "assignments" / "1_toy" / "hints.toml").exists()
    assert (out / "rubric.md").read_text() == "# New\n"
    assert git(out, "rev-list", "--all", "--count") == "1"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("notes.txt", "mine"),
        ("pagedlab/toy.py", "solved"),
        ("rubric.md", ""),
        (".venv/lib/x.py", "installed"),
    ],
)
def test_force_never_removes_what_a_release_did_not_write(
    course: Path, out: Path, capsys: pytest.CaptureFixture[str], path: str, text: str
) -> None:
    (out / path).parent.mkdir(parents=True, exist_ok=True)
    (out / path).write_text(text)
    before = contents(out)
    capsys.readouterr()
    assert main([str(out), "--force"], course) == 2
    assert "not as a release wrote it: move it away" in capsys.readouterr().err
    assert contents(out) == before


def test_force_never_removes_commits_of_others(course: Path, out: Path) -> None:
    git(out, "commit", "--allow-empty", "-m", "mine")
    assert main([str(out), "--force"], course) == 2
    assert git(out, "rev-list", "--count", "HEAD") == "2"


def test_force_never_removes_a_repository_with_a_remote(course: Path, out: Path) -> None:
    git(out, "remote", "add", "origin", "https://example.invalid/students.git")
    assert main([str(out), "--force"], course) == 2
    assert git(out, "remote") == "origin"


def test_force_does_not_make_any_folder_a_release(course: Path) -> None:
    out = course.parent / "home"
    out.mkdir()
    (out / "thesis.tex").write_text("years")
    assert main([str(out), "--force"], course) == 2
    assert files(out) == ["thesis.tex"]
    assert main([str(out / "thesis.tex"), "--force"], course) == 2


def test_a_leak_stops_the_release_and_leaves_nothing_behind(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "rubric.md").write_text("# Rubric\nSee rule 1.2.\n")
    around = sorted(course.parent.iterdir())
    capsys.readouterr()
    assert main([str(course.parent / "new")], course) == 1
    captured = capsys.readouterr()
    assert captured.out == "rubric.md:2: id of the hidden rule 1.2\n"
    assert captured.err == "release: nothing was written, for what is listed would leak\n"
    assert sorted(course.parent.iterdir()) == around
