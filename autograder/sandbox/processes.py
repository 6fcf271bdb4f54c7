"""Reads the process table: who descends from whom. Changes nothing."""

from __future__ import annotations

import os


def descendants(root: int) -> list[int]:
    """Return the process ids below `root`, nearest first, dead but unreaped ones included.

    Empty where /proc is missing. A process that forks meanwhile may hide a child: a caller who
    means to end them all repeats until the answer is empty.
    """
    found: list[int] = []
    level = [root]
    while level:
        try:
            level = [child for pid in level for child in _children(pid)]
        except FileNotFoundError:
            return _by_scan(root)
        found += level
    return found


def _children(pid: int) -> list[int]:
    """Return the children of every thread of `pid`.

    Raises:
        FileNotFoundError: this kernel does not list children.
    """
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    children: list[int] = []
    for thread in threads:
        path = f"/proc/{pid}/task/{thread}/children"
        try:
            with open(path, "rb", buffering=0) as file:
                children += map(int, file.read(1 << 16).split())
        except ProcessLookupError:
            continue
        except FileNotFoundError:
            if os.path.exists(os.path.dirname(path)):
                raise
    return children


def _by_scan(root: int) -> list[int]:
    """Return the descendants by reading the parent of every process."""
    parents: dict[int, list[int]] = {}
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                # The name, in parentheses, may hold anything: count from its end.
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(pid)
    found: list[int] = []
    level = [root]
    while level:
        level = [child for pid in level for child in parents.get(pid, [])]
        found += level
    return found


def is_dead(pid: int) -> bool:
    """Return whether `pid` has ended, reaped or not; True where /proc does not show it."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except OSError:
        return True
