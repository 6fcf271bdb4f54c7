"""Copy a delivered folder. Links are not followed, and nothing odd is taken."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from autograder.batch.intake.names import Refused, checked_name, is_junk
from autograder.batch.intake.unpack import STUDENT, Caps


def copy_folder(source: Path, into: Path, caps: Caps = STUDENT) -> list[str]:
    """Copy the plain files of a folder, and give a line for each thing that was left out.

    Raises:
        Refused: it holds more than the caps allow.
    """
    notes: list[str] = []
    files = total = 0
    for path, entry in _walk(source, PurePosixPath(), notes):
        size = entry.stat(follow_symlinks=False).st_size
        if size > caps.file_bytes:
            notes.append(f"{path} is over {caps.file_bytes >> 20} MB: left out")
            continue
        files, total = files + 1, total + size
        if files > caps.files or total > caps.total_bytes:
            raise Refused(f"over {caps.files} files or {caps.total_bytes >> 20} MB")
        copy_file(Path(entry.path), into / path)
    return notes


def copy_file(source: Path, target: Path) -> None:
    """Copy one file's bytes. A link is not followed.

    Raises:
        Refused: it cannot be read, or is no plain file any more.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file, target.open("xb") as copy:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Refused(f"{source.name} is no plain file")
            shutil.copyfileobj(file, copy)
    except OSError as error:
        raise Refused(f"{source.name} cannot be read ({error.strerror})") from None


def _walk(
    folder: Path, at: PurePosixPath, notes: list[str]
) -> Iterator[tuple[PurePosixPath, os.DirEntry[str]]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise Refused(f"{folder.name} cannot be read ({error.strerror})") from None
    for entry in entries:
        path = at / entry.name
        if is_junk(path):
            continue
        try:
            checked_name(path.as_posix())
        except Refused as refused:
            notes.append(f"{refused}: left out")
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), path, notes)
        elif entry.is_file(follow_symlinks=False):
            yield path, entry
        else:
            notes.append(f"{path} is a link or a special file: left out")
