"""What a confined process finds when it tries to break each promise.

Runs inside the worker of a trial. Each check returns a complaint, or "" where the promise holds.
"""

from __future__ import annotations

import mmap
import os
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from autograder.sandbox.descriptors import can_read
from autograder.sandbox.policy import Limits
from autograder.sandbox.tiers import Isolation, Layer, Tier


@dataclass(frozen=True)
class Bait:
    """What the trial laid out for the confined process to try.

    Attributes:
        secret: a file outside everything readable.
        interpreter: files and folders that Python cannot do without; the first is a module.
        prober: the process that runs the trial.
        limits: those in force.
    """

    secret: str
    interpreter: tuple[str, ...]
    prober: int
    limits: Limits


def complaints(isolation: Isolation, bait: Bait) -> list[str]:
    """Return every broken promise of `isolation`, in plain words."""
    tried = [] if isolation.tier is Tier.LIMITS else [_secret(bait), _library(bait)]
    tried += [_interpreter(bait), _scratch(), _memory(bait), _forks(bait)]
    if isolation.tier in (Tier.LANDLOCK, Tier.UID):
        tried.append(_signals(bait))
    if isolation.tier is Tier.NAMESPACES or Layer.SECCOMP in isolation.layers:
        tried.append(_network())
    if Layer.SECCOMP in isolation.layers:
        tried.append(_hidden_memory())
    if Layer.PROC in isolation.layers:
        tried.append(_processes())
    return [complaint for complaint in tried if complaint]


def _refused(attempt: Callable[[], object]) -> bool:
    """Return whether the system refuses `attempt`."""
    try:
        attempt()
    except OSError:
        return True
    return False


def _interpreter(bait: Bait) -> str:
    """Check that Python itself can still be read."""
    lost = [path for path in bait.interpreter if not can_read(path)]
    return f"the worker's user cannot read {lost[0]}" if lost else ""


def _scratch() -> str:
    """Check that the worker has a place to write."""
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
    except OSError as error:
        return f"the private folder cannot be written ({error.strerror})"
    return ""


def _memory(bait: Bait) -> str:
    """Check that an allocation beyond the limit fails."""
    size = bait.limits.memory_bytes + (1 << 20)
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    held = _refused(lambda: mmap.mmap(-1, size, flags))
    return "" if held else "the memory limit does not bite"


def _forks(bait: Bait) -> str:
    """Check that the process limit is neither ignored nor used up from the start."""
    asked = bait.limits.processes + 1
    children: list[int] = []
    read_end, write_end = os.pipe()
    try:
        while len(children) < asked:
            child = os.fork()
            if child == 0:
                os.close(write_end)
                os.read(read_end, 1)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    os.close(write_end)  # a signal might be refused
    os.close(read_end)
    for child in children:
        os.waitpid(child, 0)
    if len(children) >= asked:
        return "the process limit does not bite"
    return "" if children else "the process limit leaves no room for one process"


def _secret(bait: Bait) -> str:
    """Check that a file outside the readable paths cannot be opened."""
    hidden = _refused(lambda: os.close(os.open(bait.secret, os.O_RDONLY)))
    return "" if hidden else "a hidden file can be read"


def _library(bait: Bait) -> str:
    """Check that the interpreter's own library cannot be changed."""
    kept = _refused(lambda: os.close(os.open(bait.interpreter[0], os.O_WRONLY)))
    return "" if kept else "the interpreter's library can be changed"


def _signals(bait: Bait) -> str:
    """Check that the grader cannot be signalled."""
    kept = _refused(lambda: os.kill(bait.prober, 0))
    return "" if kept else "the grader can be signalled"


def _network() -> str:
    """Check that there is no way to a network; without a filter, that there is nothing on it."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    except PermissionError:
        return ""
    except OSError as error:
        return f"a network socket fails in an unexpected way ({error.strerror})"
    cards = [name for _, name in socket.if_nameindex() if name != "lo"]
    return f"the network card {cards[0]} is visible" if cards else ""


def _hidden_memory() -> str:
    """Check that memory which no limit counts is refused."""
    if not hasattr(os, "memfd_create"):
        return ""
    refused = _refused(lambda: os.close(os.memfd_create("x")))
    return "" if refused else "memory files are allowed"


def _processes() -> str:
    """Check that only this process and its init are visible."""
    seen = sum(name.isdigit() for name in os.listdir("/proc"))
    return "" if seen == 2 else f"{seen} processes are visible"
