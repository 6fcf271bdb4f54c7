"""The leak scan: searches a built release for everything that students must not see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.source.hidden import Hidden
from autograder.source.orphan import history_leaks
from autograder.source.regions import MARKER

HIDDEN_NAMES = re.compile(r"reference|hidden|chaffs?(\.\w+)?|wheats?|oracle(\.\w+)?|attacks")
BYTECODE = re.compile(r".*\.py[cod]|__pycache__")
BACKUP = re.compile(r".*(~|\.sw[op]|\.bak|\.orig|\.rej)|#.*#|\.#.*|\.DS_Store")
PACKED = re.compile(r".*\.(zip|whl|egg|tar|tgz|tar\.\w+|pkl|pickle)")
NUMBERS = ".safetensors"
"""Ends the names of files of numbers alone: nothing can be read there but a place."""
NAMES = ((BYTECODE, "bytecode"), (BACKUP, "an editor's backup file"), (PACKED, "a packed file"))


@dataclass(frozen=True, order=True)
class Leak:
    """Something in a release that must not be there; `line` is 0 where there is none."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


def scan(tree: Path, hidden: Hidden) -> list[Leak]:
    """Search every file of a tree, its git history included.

    Args:
        tree: a built release.
        hidden: what to search for.

    Returns:
        Every leak, by path and line; none for a clean release.

    Raises:
        GitError: the tree has a git history that cannot be read.
    """
    leaks: set[Leak] = set()
    for file in sorted(tree.rglob("*")):
        path = file.relative_to(tree).as_posix()
        in_git = path.split("/")[0] == ".git"
        if file.is_symlink():
            leaks.add(Leak(path, 0, "a symbolic link"))
        elif not in_git:
            leaks.update(Leak(path, 0, what) for what in _name_leaks(path))
        if file.is_file() and not file.is_symlink():
            no_text = in_git or path.endswith(NUMBERS)
            search = _place_leaks if no_text else _text_leaks
            leaks.update(Leak(path, *found) for found in search(file.read_bytes(), hidden))
    if (tree / ".git").exists():
        leaks.update(Leak(".git", 0, what) for what in history_leaks(tree))
    return sorted(leaks)


def _name_leaks(path: str) -> Iterator[str]:
    """Give what is wrong with the last part of a path. Its folders are paths of their own."""
    name = PurePosixPath(path).name
    if HIDDEN_NAMES.fullmatch(name) and not path.startswith("autograder/"):
        yield "a name that only hidden files and folders have"
    if name == ".git" and path != name:
        yield "a git repository in the release"
    for pattern, what in NAMES:
        if pattern.fullmatch(name):
            yield what


def _text_leaks(content: bytes, hidden: Hidden) -> Iterator[tuple[int, str]]:
    yield from hidden.texts.found_in(content)
    text = content.decode("utf-8", "replace")
    for found in MARKER.finditer(text):
        yield _line_of(text, found.start()), f"a marker of the stripper: {found[0]}"
    for canary in hidden.canaries:
        for found in re.finditer(canary, text):
            yield _line_of(text, found.start()), f"the canary of a hidden file: {canary}"
    for rule_id, title in hidden.rules.items():
        for found in re.finditer(_id_pattern(rule_id), text):
            yield _line_of(text, found.start()), f"id of the hidden rule {rule_id}"
        sentence = r"\s+".join(map(re.escape, title.split()))
        for found in re.finditer(sentence, text, re.IGNORECASE) if title else ():
            yield _line_of(text, found.start()), f"title of the hidden rule {rule_id}"
    yield from _place_leaks(content, hidden)


def _place_leaks(content: bytes, hidden: Hidden) -> Iterator[tuple[int, str]]:
    """Give paths of the building machine, in any file."""
    text = content.decode("utf-8", "replace")
    for place in hidden.places:
        for found in re.finditer(re.escape(place), text):
            yield _line_of(text, found.start()), f"a path of the building machine: {place}"


def _id_pattern(rule_id: str) -> str:
    """Match an id where it is one: quoted, in a table's cell, or after "rule"; not a number."""
    bare = re.escape(rule_id)
    return rf"""(?:["'`\[(]|\|\s*|\b[Rr]ules?\s+|\bR=){bare}(?=["'`\])]|\s*\||[\s,;:]|\.?$|\.\s)"""


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
