"""The students' git history: one commit that is always the same, and nothing else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

NAME, EMAIL = "PagedLab", "pagedlab@example.invalid"
SECONDS = 1767225600
"""Date of the commit: 2026-01-01, UTC."""
BRANCH = "main"


class GitError(Exception):
    """git is missing or failed. One line."""


def commit_all(folder: Path, message: str) -> None:
    """Make a new repository of a folder, with one commit of all its files.

    Raises:
        GitError: git is missing or failed.
    """
    # An empty template: no sample hooks, which differ from one git to the next.
    _git(folder, "init", "--quiet", "--template=", f"--initial-branch={BRANCH}", ".")
    _git(folder, "add", "--all", "--force", ".")
    _git(folder, "commit", "--quiet", "--no-verify", "--message", message)


def is_untouched(folder: Path) -> bool:
    """Whether a folder's repository holds that one commit alone, and knows no other repository."""
    if any(history_leaks(folder)) or _git(folder, "remote"):
        return False
    return _git(folder, "log", "--format=%an %ae %at") == f"{NAME} {EMAIL} {SECONDS}"


def history_leaks(folder: Path) -> Iterator[str]:
    """Give one line for each thing in a folder's repository beyond its one commit.

    Raises:
        GitError: git is missing, or cannot read the repository.
    """
    commits = int(_git(folder, "rev-list", "--all", "--reflog", "--count"))
    if commits != 1:
        yield f"{commits} commits, and there should be one"
    for ref in _git(folder, "for-each-ref", "--format=%(refname)").split():
        if ref != f"refs/heads/{BRANCH}":
            yield f"a reference besides the branch {BRANCH}: {ref}"
    if (folder / ".git" / "objects" / "info" / "alternates").exists():
        yield "objects of another repository are reachable"
    everything = _git(folder, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    reachable = _git(folder, "rev-list", "--objects", "--no-object-names", "--all")
    loose = set(everything.split()) - set(reachable.split())
    if loose:
        yield f"{len(loose)} objects that are not of the commit, such as {min(loose)[:12]}"
    for line in _git(folder, "status", "--porcelain", "--ignored").splitlines():
        yield f"the files and the commit differ: {line}"


def _git(folder: Path, *arguments: str) -> str:
    """Run git on a folder, deaf to the user's settings and to a surrounding git command."""
    settings = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    settings |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    settings |= {"GIT_DIR": str(folder / ".git"), "GIT_WORK_TREE": str(folder), "LC_ALL": "C"}
    for role in ("AUTHOR", "COMMITTER"):
        who = {"NAME": NAME, "EMAIL": EMAIL, "DATE": f"{SECONDS} +0000"}
        settings |= {f"GIT_{role}_{key}": value for key, value in who.items()}
    command = ["git", "-c", "core.autocrlf=false", "-c", "core.fileMode=true", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True)
    except FileNotFoundError:
        raise GitError("git is not installed: install it, or give --no-git") from None
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines() or ["no reason given"]
        raise GitError(f"git {arguments[0]} failed: {reason[-1]}")
    return done.stdout.strip()
