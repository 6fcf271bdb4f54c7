"""Plans the worker's file tree: which real paths to bind, which symlinks to recreate.

Reads the file system, changes nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.sandbox.policy import covers

_MOST_LINKS = 40


@dataclass(frozen=True)
class Layout:
    """What has to exist in an empty root so that the planned paths mean the same there.

    Attributes:
        links: (path, target) of each symlink on the way, none below a bound path.
        folders: real directories to bind, parents first, none below another.
        files: real files to bind, none below a bound directory.
    """

    links: tuple[tuple[str, str], ...]
    folders: tuple[str, ...]
    files: tuple[str, ...]


def plan(paths: Iterable[str]) -> Layout:
    """Return the layout that makes `paths` visible; a path that is not there is left out."""
    links: dict[str, str] = {}
    modes: dict[str, int] = {}
    for path in paths:
        real = _follow(path, links)
        if real is not None:
            modes[real] = os.lstat(real).st_mode
    bound: list[str] = []
    for real in sorted(modes):
        if not any(covers(root, real) for root in bound):
            bound.append(real)
    return Layout(
        tuple(item for item in links.items() if not any(covers(b, item[0]) for b in bound)),
        tuple(path for path in bound if stat.S_ISDIR(modes[path])),
        tuple(path for path in bound if not stat.S_ISDIR(modes[path])),
    )


def _follow(path: str, links: dict[str, str]) -> str | None:
    """Return the real path of `path`, noting each symlink on the way; None if it is not there."""
    pending = _parts(path)
    here, seen = "/", 0
    while pending:
        name = pending.pop(0)
        step = os.path.dirname(here) if name == ".." else os.path.join(here, name)
        try:
            mode = os.lstat(step).st_mode
        except OSError:
            return None
        if not stat.S_ISLNK(mode):
            here = step
            continue
        seen += 1
        if seen > _MOST_LINKS:
            return None
        target = links[step] = os.readlink(step)
        pending = _parts(target) + pending
        here = "/" if target.startswith("/") else here
    return here


def _parts(path: str) -> list[str]:
    """Return the names of a path, without the empty ones and single dots."""
    return [name for name in path.split("/") if name not in ("", ".")]
