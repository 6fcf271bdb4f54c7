"""Puts the amounts of a policy in force for the calling process and its future children."""

from __future__ import annotations

import os
import resource
import sys

from autograder.sandbox.policy import Limits

_SIGNALS_QUEUED = 256
_PER_NAMESPACE_SINCE = (5, 14)


def apply(limits: Limits, others: int) -> None:
    """Set every limit, hard and soft, never above a hard limit already in force.

    Args:
        limits: the amounts.
        others: tasks of the same user that the kernel counts along with the worker's.

    Raises:
        OSError: the kernel refused a limit.
    """
    mapped, data = _in_use()
    if limits.address_space:
        _set("RLIMIT_AS", mapped + limits.memory_bytes)
    _set("RLIMIT_DATA", data + limits.memory_bytes)
    _set("RLIMIT_NPROC", others + limits.processes)
    _set("RLIMIT_FSIZE", limits.file_bytes)
    _set("RLIMIT_NOFILE", limits.open_files)
    _set("RLIMIT_CPU", limits.cpu_seconds, grace=1)
    _set("RLIMIT_SIGPENDING", _SIGNALS_QUEUED)
    for name in ("RLIMIT_CORE", "RLIMIT_MSGQUEUE"):
        _set(name, 0)


def counted_per_namespace() -> bool:
    """Return whether RLIMIT_NPROC counts a user apart in each user namespace (Linux 5.14)."""
    words = os.uname().release.split(".")
    try:
        return (int(words[0]), int(words[1])) >= _PER_NAMESPACE_SINCE
    except (ValueError, IndexError):
        return False


def tasks_of(uid: int) -> int:
    """Return how many processes and threads `uid` has now, 0 where /proc does not say."""
    total = 0
    try:
        entries = [entry.name for entry in os.scandir("/proc") if entry.name.isdigit()]
    except OSError:
        return 0
    for name in entries:
        try:
            if os.stat(f"/proc/{name}").st_uid == uid or _real_uid(name) == uid:
                total += len(os.listdir(f"/proc/{name}/task"))
        except OSError:
            continue
    return total


def _real_uid(name: str) -> int:
    """Return the real uid of a process; its /proc folder may be root's though it is not."""
    with open(f"/proc/{name}/status", encoding="ascii", errors="replace") as status:
        words = next(line for line in status if line.startswith("Uid:")).split()
    return int(words[1])


def _in_use() -> tuple[int, int]:
    """Return the bytes of mapped addresses and of data of this process, 0 where unknown."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            pages = [int(word) for word in statm.read().split()]
    except OSError:
        return 0, 0
    size = resource.getpagesize()
    return pages[0] * size, pages[5] * size


def _set(name: str, value: int, grace: int = 0) -> None:
    """Set one limit; systems that lack it are left as they are."""
    which = getattr(resource, name, None)
    if which is None:
        return
    ceiling = resource.getrlimit(which)[1]
    soft, hard = value, value + grace
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    try:
        resource.setrlimit(which, (soft, hard))
    except (OSError, ValueError):
        if sys.platform.startswith("linux"):  # elsewhere some limits exist in name only
            raise
