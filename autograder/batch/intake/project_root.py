"""Find the project in what a student sent: students zip the folder, its parent, or its content."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.batch.intake.names import Refused

PACKAGE = "pagedlab"
DEEPEST = 5


@dataclass(frozen=True)
class Root:
    """Where the project is.

    Attributes:
        folder: holds `pagedlab/`, or, if `bare`, the modules themselves.
        bare: the content of `pagedlab/` was sent without the folder.
        note: what had to be repaired, or "".
    """

    folder: Path
    bare: bool = False
    note: str = ""


def find_root(sent: Path, modules: Collection[str]) -> Root:
    """Find the one project below a folder of plain files.

    Args:
        sent: the files as they were sent.
        modules: names of the files that students write, of all stages.

    Raises:
        Refused: there is no project, or there are two of equal right.
    """
    packages, bare = _candidates(sent, set(modules))
    for found, is_bare in ((packages, False), (bare, True)):
        if not found:
            continue
        depth = min(len(folder.parts) for folder in found)
        nearest = sorted(folder for folder in found if len(folder.parts) == depth)
        if len(nearest) > 1:
            names = " and ".join(str(folder.relative_to(sent)) for folder in nearest[:3])
            raise Refused(f"more than one project was sent: {names}")
        inside = nearest[0].relative_to(sent)
        note = "" if inside == Path() and not is_bare else f"project found in {inside}/"
        return Root(nearest[0], is_bare, note + ", without a folder pagedlab/" * is_bare)
    if any(file.is_file() for file in sent.rglob("*")):
        raise Refused("no folder pagedlab/ with any of the modules in it")
    raise Refused("nothing was sent: no file in it")


def _candidates(sent: Path, modules: set[str]) -> tuple[list[Path], list[Path]]:
    """Folders that hold a `pagedlab/` with modules, and folders that hold modules themselves."""
    packages, bare = [], []
    for name, folders, files in os.walk(sent):
        folder = Path(name)
        if len(folder.relative_to(sent).parts) >= DEEPEST:
            folders.clear()
        if not modules & set(files):
            continue
        if folder.name == PACKAGE and folder != sent:
            packages.append(folder.parent)
        else:
            bare.append(folder)
    return packages, bare
