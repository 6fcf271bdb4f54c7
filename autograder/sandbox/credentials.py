"""Whose rights the worker has: an otherwise unused user, no capabilities, no way to gain any."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from autograder.sandbox import syscalls

CAP_DAC_READ_SEARCH, CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_SYS_ADMIN = 2, 6, 7, 8, 21
_NEEDED_TO_CHANGE_USER = (CAP_SETGID, CAP_SETUID, CAP_SETPCAP)
_HEADER = struct.pack("Ii", 0x20080522, 0)
_AMBIENT_CLEAR_ALL = 4

# Above every range that distributions, containers and directory services hand out by custom.
_FIRST, _SPAN = 1_900_000_000, 1 << 22
# In a user namespace of 65536 ids: clear of system users below and of nobody above.
_SMALL_FIRST, _SMALL_END = 20_000, 60_000


@dataclass(frozen=True)
class Ids:
    """The user and group that the worker runs as.

    Attributes:
        uid: user id, as seen by the process that calls `worker_ids`.
        gid: group id, likewise.
        own: whether they are the worker's own, not those of the user who started the grader.
    """

    uid: int
    gid: int
    own: bool


def has(capability: int) -> bool:
    """Return whether this process may use `capability` now."""
    try:
        low, _, _, high, _, _ = struct.unpack("6I", syscalls.capget(_HEADER))
    except (OSError, AttributeError):
        return False
    return bool((high << 32 | low) >> capability & 1)


def worker_ids(own: bool) -> Ids:
    """Return the ids for the worker of this process: unused ones if `own` and possible.

    Distinct for each process id, so that workers started by root at the same time do not share
    one count of processes (a small user namespace has few ids, and makes a clash unlikely only).
    """
    if own and os.geteuid() == 0 and all(has(capability) for capability in _NEEDED_TO_CHANGE_USER):
        first, end = _unused_range(_mapped("/proc/self/uid_map"), _mapped("/proc/self/gid_map"))
        if first < end:
            number = first + os.getpid() % (end - first)
            return Ids(number, number, True)
    return Ids(os.getuid(), os.getgid(), False)


def become(ids: Ids, keep: int | None = None) -> None:
    """Take `ids` if they are the worker's own, and drop every capability for good.

    Clears the parent-death signal and the dumpable flag, as the kernel does on such a change.

    Args:
        ids: from `worker_ids`.
        keep: the one capability to keep, if any; the bounding set is emptied all the same.

    Raises:
        OSError: the kernel refused a step.
    """
    if has(CAP_SETPCAP):
        _empty_bounding_set()
    if ids.own:
        syscalls.prctl(syscalls.PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(ids.gid, ids.gid, ids.gid)
        os.setresuid(ids.uid, ids.uid, ids.uid)
        syscalls.prctl(syscalls.PR_SET_KEEPCAPS, 0)
    bits = 0 if keep is None else 1 << keep
    syscalls.capset(_HEADER, struct.pack("6I", bits, bits, 0, 0, 0, 0))
    syscalls.prctl(syscalls.PR_CAP_AMBIENT, _AMBIENT_CLEAR_ALL)
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)


def _empty_bounding_set() -> None:
    """Drop every capability that this kernel knows from the bounding set."""
    for capability in range(64):
        try:
            syscalls.prctl(syscalls.PR_CAPBSET_DROP, capability)
        except OSError:
            return


def _mapped(path: str) -> list[tuple[int, int]]:
    """Return the (first, end) ranges of ids that exist in this user namespace."""
    try:
        with open(path, encoding="ascii") as table:
            rows = [[int(word) for word in line.split()] for line in table]
    except OSError:
        return [(0, 1 << 32)]
    return [(inside, inside + count) for inside, _, count in rows]


def _unused_range(*tables: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the best (first, end) range that every table maps, or an empty one."""
    for first, end in ((_FIRST, _FIRST + _SPAN), (_SMALL_FIRST, _SMALL_END)):
        if all(any(low <= first and end <= high for low, high in table) for table in tables):
            return first, end
    return 0, 0
