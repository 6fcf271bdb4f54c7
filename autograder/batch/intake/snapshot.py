"""Keep what a student sent under the name of its content: the batch grades that and nothing else.

A snapshot holds `pagedlab/` and `tests/` with what is in them, and the texts beside them
(`design.toml`, notes). It is written once and never changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.batch.intake.copying import copy_file, copy_folder
from autograder.batch.intake.names import Refused, safe_key
from autograder.batch.intake.project_root import PACKAGE, Root, find_root
from autograder.batch.intake.unpack import is_archive, unpack

FOLDERS = (PACKAGE, "tests")
TEXTS = (".toml", ".md", ".txt")
PART = ".part-"
"""How the name of a snapshot begins that is not finished."""


@dataclass(frozen=True)
class Sent:
    """One thing that was handed in: a file or a folder, and the name the student gave it."""

    path: Path
    name: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What is graded. `content` is a digest of it and names its folder in the store."""

    content: str
    notes: tuple[str, ...] = ()


def take(sent: Sequence[Sent], store: Path, modules: Collection[str]) -> Snapshot:
    """Unpack or copy a delivery, find the project, and keep it.

    Args:
        sent: files and folders of one submission; archives among them are unpacked.
        store: folder of snapshots.
        modules: names of the files that students write.

    Raises:
        Refused: why it cannot be graded, in one line.
    """
    store.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=PART, dir=store) as scratch:
        raw, kept = Path(scratch, "raw"), Path(scratch, "kept")
        raw.mkdir()
        notes = _lay_out(sent, raw)
        _unpack_in_place(raw)
        root = find_root(raw, modules)
        _keep(root, kept)
        content = digest_of_folder(kept)
        try:
            os.rename(kept, store / content)
        except OSError:  # another student sent the same
            if not (store / content).is_dir():
                raise
    return Snapshot(content, tuple(filter(None, (*notes, root.note))))


def digest_of_folder(folder: Path) -> str:
    """A name for all files of a folder: their paths and their bytes."""
    digest = hashlib.sha256()
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        name, data = file.relative_to(folder).as_posix().encode(), file.read_bytes()
        digest.update(len(name).to_bytes(8, "little") + name)
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:32]


def _lay_out(sent: Sequence[Sent], raw: Path) -> list[str]:
    notes: list[str] = []
    for one in sent:
        if one.path.is_dir():
            notes += copy_folder(one.path, raw)
        else:
            name = safe_key(one.name or one.path.name)
            target = raw / name
            if target.exists():
                raise Refused(f"two files are called {name}")
            copy_file(one.path, target)
    return notes


def _unpack_in_place(raw: Path) -> None:
    """Replace the archives at the top by what is in them. One inside another stays as it is."""
    entries = sorted(raw.iterdir())
    for archive in entries:
        if not is_archive(archive.name) or not archive.is_file():
            continue
        aside = archive.rename(raw.parent / "archive")
        folder = raw if len(entries) == 1 else archive
        folder.mkdir(exist_ok=True)
        unpack(aside, folder)
        aside.unlink()


def _keep(root: Root, kept: Path) -> None:
    """Move what is graded out of what was sent."""
    kept.mkdir()
    if root.bare:
        (kept / PACKAGE).mkdir()
    for entry in sorted(root.folder.iterdir()):
        if root.bare and entry.suffix == ".py" and entry.is_file():
            folder = kept / ("tests" if entry.name.startswith("test_") else PACKAGE)
            folder.mkdir(exist_ok=True)
            entry.rename(folder / entry.name)
        elif entry.is_dir() and entry.name in FOLDERS:
            if (kept / entry.name).exists():
                shutil.copytree(entry, kept / entry.name, dirs_exist_ok=True)
            else:
                entry.rename(kept / entry.name)
        elif entry.is_file() and entry.suffix in TEXTS:
            entry.rename(kept / entry.name)
