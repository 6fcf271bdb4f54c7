"""Which names of files are taken, which are left out silently, and which are refused."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

JUNK = frozenset(
    {"__MACOSX", "__pycache__", ".git", ".venv", "venv", ".pagedlab", ".idea", ".vscode"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", "node_modules", ".DS_Store", "Thumbs.db"}
)
"""Folders and files that come along by accident. Nothing in them is read, counted or refused."""
DEEPEST, LONGEST = 16, 200


class Refused(Exception):
    """A delivery cannot be taken. One line for the student's row that says why."""


def checked_name(name: str) -> PurePosixPath:
    """The relative path that a member of an archive may be written to.

    Raises:
        Refused: the name leads out of the folder, or is one that no student's tool makes.
    """
    shown = ascii(name[:80])
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise Refused(f"{shown} is an absolute path")
    if "\\" in name:
        raise Refused(f"{shown} has a backslash in its name")
    if not name.isprintable():
        raise Refused(f"{shown} has unprintable characters in its name")
    path = PurePosixPath(name)
    if ".." in path.parts:
        raise Refused(f"{shown} leads out of its folder")
    if len(path.parts) > DEEPEST or any(len(part.encode()) > LONGEST for part in path.parts):
        raise Refused(f"{shown} is too long or too deep a name")
    return path


def is_junk(path: PurePosixPath) -> bool:
    """True for what came along by accident: virtual environments, caches, editors' folders."""
    return any(part in JUNK or part.startswith("._") for part in path.parts)


def safe_key(text: str) -> str:
    """A name for files and command lines, made of what a source calls a submission."""
    return re.sub(r"[^\w.@+-]+", "_", text).strip("._") or "unnamed"
