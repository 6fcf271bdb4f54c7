"""How a result gets into the run's folder: whole, once, whoever else works on the same.

A cluster works at least once: what was on a lost node is done again, and the lost node may turn
out to be there. So a grading is written elsewhere and takes its log's place by a rename, if the log
is what it was when the work began. Whoever comes second has done the same work for nothing.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def begin_part(session: Path, log: Path) -> tuple[Path, bytes]:
    """A new file that goes on from a log; and what the log held."""
    base = log.read_bytes()
    handle, name = tempfile.mkstemp(prefix=f"{log.stem}-", suffix=".part", dir=session / "parts")
    with os.fdopen(handle, "wb") as file:
        file.write(base)
    return Path(name), base


def publish(part: Path, log: Path, base: bytes) -> bool:
    """Put a finished part in its log's place; False if another was first, and is left there."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    if log.read_bytes() != base:
        part.unlink()
        return False
    part.replace(log)
    return True
