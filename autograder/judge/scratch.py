"""Temporary folders that do not outlive their grading, even if it is killed.

A folder's owner holds a lock on it, which the system takes away when the owner's process ends,
however that ends. Whoever makes the next folder removes those that nobody holds.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "pagedlab-grading-"


@contextmanager
def scratch_folder(place: Path | None = None) -> Iterator[Path]:
    """A folder for one grading, that other users can read; what killed ones left is removed first.

    Args:
        place: where it is made; the system's place for temporary files, if None.
    """
    where = place or Path(tempfile.gettempdir())
    _sweep(where)
    folder, lock = _made(where)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _made(where: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
        folder.chmod(0o755)
        lock = _lock(folder)
        if lock is not None and folder.is_dir():
            return folder, lock
        if lock is not None:  # somebody swept it away before it was ours
            os.close(lock)


def _sweep(where: Path) -> None:
    for folder in where.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.lstat().st_uid != os.getuid():
                continue
            lock = _lock(folder)
            if lock is not None:
                shutil.rmtree(folder, ignore_errors=True)  # it follows no link
                os.close(lock)


def _lock(folder: Path) -> int | None:
    """A lock on a folder that is no link; None if somebody holds it, or it is gone."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
