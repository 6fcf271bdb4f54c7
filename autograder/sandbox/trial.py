"""Tries one promise in a forked child: enters it for real and attacks it from inside."""

from __future__ import annotations

import os
import select
import sys
import sysconfig
import tempfile
import time
from contextlib import suppress

from autograder.sandbox.checks import Bait, complaints
from autograder.sandbox.enter import enter
from autograder.sandbox.errors import SandboxError
from autograder.sandbox.policy import Limits, Policy
from autograder.sandbox.reap import kill_tree
from autograder.sandbox.tiers import Isolation, Tier

_LIMITS = Limits(memory_bytes=256 << 20, processes=4, file_bytes=1 << 20, cpu_seconds=10)
_SECONDS = 20.0
_KEPT = "kept"
_MOST = 1 << 14


def try_out(isolation: Isolation) -> str:
    """Return "" if every promise of `isolation` held, else the first reason why not.

    Leaves no process and no file behind; never raises.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="pagedlab-probe-") as folder:
            return _run(isolation, _bait(isolation, folder))
    except Exception as error:
        return f"the trial could not run ({type(error).__name__}: {error})"


def _bait(isolation: Isolation, folder: str) -> Bait:
    """Lay out a file that only the promised tier, not its mode, keeps from the worker."""
    secret = os.path.join(folder, "secret")
    with open(secret, "w", encoding="ascii") as file:
        file.write("hidden")
    open_to_all = isolation.tier in (Tier.NAMESPACES, Tier.LANDLOCK)
    os.chmod(folder, 0o755)
    os.chmod(secret, 0o644 if open_to_all else 0o600)
    library = sysconfig.get_path("stdlib")
    needed = (os.path.join(library, "os.py"), library, sysconfig.get_path("purelib"))
    return Bait(secret, (*needed, sys.executable), os.getpid(), _LIMITS)


def _run(isolation: Isolation, bait: Bait) -> str:
    """Fork, enter, check; return what the child says."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        _inside(isolation, bait, write_end)
    os.close(write_end)
    try:
        said = _listen(read_end)
    finally:
        os.close(read_end)
        kill_tree(child)
        with suppress(ChildProcessError):
            os.waitpid(child, 0)
    return "" if said == _KEPT else said or "the trial ended without an answer"


def _inside(isolation: Isolation, bait: Bait, write_end: int) -> None:
    """Become the worker, attack, answer, end."""
    answer = _KEPT
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        enter(Policy((), bait.limits, (write_end,)), isolation)
        answer = next(iter(complaints(isolation, bait)), _KEPT)
    except SandboxError as error:
        answer = error.reason
    except BaseException as error:
        answer = f"the trial failed ({type(error).__name__}: {error})"
    finally:
        os.write(write_end, answer.encode()[:_MOST])
        os._exit(0)


def _listen(read_end: int) -> str:
    """Return all that the child wrote before it ended or its time was over."""
    deadline = time.monotonic() + _SECONDS
    said = b""
    while len(said) < _MOST:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([read_end], [], [], left)[0]:
            return "the trial took too long"
        piece = os.read(read_end, _MOST)
        if not piece:
            break
        said += piece
    return said.decode(errors="replace")
