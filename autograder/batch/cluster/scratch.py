"""A node's temporary files: outside the shared folders, and gone with the process that has them."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from autograder.batch.run.folder import OURS

PREFIX = f"{OURS}node-"


class Scratch:
    """A folder that student workers can reach; closed, or found by the next after `kill -9`.

    A lock tells whose process lives: a number would not, where nodes share `/tmp` but no processes.
    """

    def __init__(self) -> None:
        place = Path(tempfile.gettempdir())
        for left in place.glob(f"{PREFIX}*"):
            if left.lstat().st_uid == os.geteuid() and not left.is_symlink():
                _remove_if_left(left)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.path.chmod(0o755)
        unnamed = self.path / ".lock"
        self._lock = unnamed.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unnamed.rename(self.path / "lock")

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def _remove_if_left(folder: Path) -> None:
    try:
        with (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        pass  # its process lives, or just begins
