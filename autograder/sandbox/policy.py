"""What one worker may use: paths, amounts, descriptors."""

from __future__ import annotations

import functools
import os
import sys
from dataclasses import dataclass

_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/localtime",
)
_NIX_STORE = "/nix/store"


@dataclass(frozen=True)
class Limits:
    """Amounts, for each process unless it says otherwise.

    Attributes:
        memory_bytes: what a process may map, and allocate, beyond what it starts with.
        processes: processes and threads of the worker, itself included, all together.
        file_bytes: size of one file; also the size of the private /tmp.
        cpu_seconds: processor time.
        open_files: descriptors.
        address_space: whether `memory_bytes` bounds mapped addresses too, not only private
            writable memory. CUDA reserves more addresses than any machine has memory.
    """

    memory_bytes: int = 2 << 30
    processes: int = 16
    file_bytes: int = 16 << 20
    cpu_seconds: int = 60
    open_files: int = 64
    address_space: bool = True


@dataclass(frozen=True)
class Policy:
    """What one worker may use.

    Attributes:
        readable: absolute paths of files and directories, visible read-only at the same place.
            The interpreter's own paths (`interpreter_paths`) are added to them. A grader that was
            started as root runs the worker as another user: these must be readable by others.
        limits: see Limits.
        keep_fds: descriptors that the worker keeps beside 0, 1 and 2; all others are closed.
        devices: absolute paths of device files to be read and written, such as a GPU's. What a
            driver lets its users do, a worker can do then.
    """

    readable: tuple[str, ...]
    limits: Limits
    keep_fds: tuple[int, ...]
    devices: tuple[str, ...] = ()

    def exposes(self, path: str) -> bool:
        """Return whether the worker can see `path`, so that a caller can refuse to start."""
        real = os.path.realpath(path)
        roots = {os.path.realpath(root) for root in (*self.readable, *interpreter_paths())}
        return any(covers(root, real) for root in roots)


def covers(root: str, path: str) -> bool:
    """Return whether `path` is `root` or lies below it; both absolute and normal."""
    return path == root or path.startswith(root.rstrip("/") + "/")


@functools.cache
def interpreter_paths() -> tuple[str, ...]:
    """Return what this interpreter needs: its prefixes, system libraries, and those it has mapped.

    Computed once a process and inherited over fork, so call it after the imports that matter.
    Never includes `sys.path`, which may lead to the grader's own files.
    """
    prefixes = (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
    wanted = [*_SYSTEM, *(os.path.abspath(p) for p in prefixes if p not in ("", "/"))]
    real = {os.path.realpath(path) for path in wanted}
    if any(covers(_NIX_STORE, path) for path in real):
        wanted.append(_NIX_STORE)
        real.add(_NIX_STORE)
    for library in _mapped_libraries():
        if not any(covers(root, library) for root in real):
            wanted.append(library)
    return tuple(dict.fromkeys(path for path in wanted if os.path.exists(path)))


def _mapped_libraries() -> list[str]:
    """Return the files whose code this process has mapped, none where /proc does not say."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            lines = maps.read().splitlines()
    except OSError:
        return []
    fields = (line.split(maxsplit=5) for line in lines)
    executable = (f[5] for f in fields if len(f) == 6 and f[1].startswith("r-x"))
    return sorted({path for path in executable if path.startswith("/") and os.path.isfile(path)})
