"""Wheats: right submissions of another kind than the reference."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.rubric.model import RubricError, Stage
from autograder.source.variants import PACKAGE, copy_package


@dataclass(frozen=True)
class Wheat:
    """A correct student who solved it otherwise: `files` replace the reference's of that name."""

    id: str
    stage: int
    files: tuple[Path, ...]


def load_wheats(stage: Stage) -> tuple[Wheat, ...]:
    """Find a stage's wheats, one folder each in `wheats/`, by name.

    Raises:
        RubricError: a wheat holds no file that the stage's students write, or another one.
    """
    folders = sorted(path for path in (stage.folder / "wheats").glob("[!._]*") if path.is_dir())
    wheats = tuple(
        Wheat(folder.name, stage.id, tuple(sorted(folder.glob("*.py")))) for folder in folders
    )
    for folder, wheat in zip(folders, wheats, strict=True):
        names = {file.name for file in wheat.files}
        if not names or names - set(stage.modules):
            raise RubricError(f"{folder}: holds {sorted(names)}, not files of {stage.modules}")
    return wheats


def anchor_wheats(stage: Stage) -> Mapping[str, Wheat]:
    """The wheats that costs are anchored by: `naive`, and `middle`; nothing if none are named.

    Raises:
        RubricError: `wheats/anchors.toml` names another folder than those beside it.
    """
    file = stage.folder / "wheats" / "anchors.toml"
    if not file.is_file():
        return {}
    known = {wheat.id: wheat for wheat in load_wheats(stage)}
    try:
        named = tomllib.loads(file.read_text(encoding="utf-8"))
        return {role: known[named[role]] for role in ("naive", "middle")}
    except (KeyError, TypeError, ValueError) as error:
        raise RubricError(f"{file}: {error!r}") from error


def build_wheat(wheat: Wheat, reference: Path, out: Path) -> None:
    """Write the reference with the wheat's files in place of its own.

    Args:
        wheat: the right student.
        reference: directory that holds the reference's `pagedlab/`; it is not changed.
        out: directory that gets a `pagedlab/`; it must not have one.
    """
    copy_package(reference, out)
    for file in wheat.files:
        shutil.copyfile(file, out / PACKAGE / file.name)
