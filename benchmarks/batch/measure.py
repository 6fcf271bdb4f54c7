"""Run a command and say what it cost, with all that it started."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.processes import descendants

PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and of processor: of a command and all its descendants."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)


@dataclass(frozen=True)
class Done:
    """A command that ran. `code` is None if it had to be killed."""

    code: int | None
    said: str
    cost: Cost


def adopt_orphans() -> None:
    """Become the parent of descendants that lose theirs, so that what they cost is counted."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(
    command: Sequence[object],
    cwd: Path,
    seconds: float = 900.0,
    environment: Mapping[str, str] | None = None,
) -> Done:
    """Run a command to its end, or kill it and all that it has started after some seconds."""
    cpu, start = _children_cpu(), time.monotonic()
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    code: int | None = None
    try:
        said, _ = process.communicate(timeout=seconds)
        code = process.returncode
    except subprocess.TimeoutExpired:
        _kill(descendants(process.pid))
        process.kill()
        said, _ = process.communicate()
    wall = time.monotonic() - start
    _kill(descendants(os.getpid()))
    _reap()
    return Done(code, said, Cost(wall, _children_cpu() - cpu))


def _kill(pids: Sequence[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _reap() -> None:
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
