"""Looking at a built release."""

from __future__ import annotations

import subprocess
from pathlib import Path


def files(tree: Path) -> list[str]:
    """Paths of all files, those of the git repository left out."""
    found = (file.relative_to(tree).as_posix() for file in tree.rglob("*") if not file.is_dir())
    return sorted(path for path in found if not path.startswith(".git/"))


def contents(tree: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of each of the files."""
    return {
        path: ((tree / path).stat().st_mode, (tree / path).read_bytes()) for path in files(tree)
    }


def git(tree: Path, *arguments: str) -> str:
    """What a git command prints."""
    who = ["-c", "user.name=x", "-c", "user.email=x@example.invalid"]
    command = ["git", *who, *arguments]
    done = subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True)
    return done.stdout.strip()
