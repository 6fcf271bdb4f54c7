"""The leak scan of the git history: one commit of the files, and nothing else."""

from __future__ import annotations

from pathlib import Path

from autograder.source.hidden import Hidden
from autograder.source.leaks import scan
from tests.source.trees import git


def history(out: Path, hidden: Hidden) -> list[str]:
    return [leak.what for leak in scan(out, hidden) if leak.path == ".git"]


def test_a_second_commit_is_found(out: Path, hidden: Hidden) -> None:
    git(out, "commit", "--allow-empty", "-m", "more")
    assert history(out, hidden) == ["2 commits, and there should be one"]


def test_a_branch_and_a_tag_are_found(out: Path, hidden: Hidden) -> None:
    git(out, "branch", "solution")
    git(out, "tag", "v1")
    assert history(out, hidden) == [
        "a reference besides the branch main: refs/heads/solution",
        "a reference besides the branch main: refs/tags/v1",
    ]


def test_an_object_outside_of_the_commit_is_found(out: Path, hidden: Hidden) -> None:
    (out / "secret").write_text("a solution\n")
    git(out, "add", "secret")
    git(out, "rm", "--cached", "-q", "secret")
    (out / "secret").unlink()
    (what,) = history(out, hidden)
    assert what.startswith("1 objects that are not of the commit, such as ")


def test_a_commit_that_holds_something_else_than_the_files_is_found(
    out: Path, hidden: Hidden
) -> None:
    (out / "rubric.md").write_text("another\n")
    assert history(out, hidden) == ["the files and the commit differ: M rubric.md"]
