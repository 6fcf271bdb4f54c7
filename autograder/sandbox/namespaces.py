"""Namespaces: processes, network, mounts, host name and System V objects of the worker's own."""

from __future__ import annotations

import errno
import os

from autograder.sandbox import syscalls
from autograder.sandbox.credentials import Ids

_NEWNS, _NEWUTS, _NEWIPC = 0x20000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_ALL_BUT_USER = _NEWNS | _NEWUTS | _NEWIPC | _NEWPID | _NEWNET


def leave_host(ids: Ids, privileged: bool) -> None:
    """Move this process, and for processes its next child, into namespaces of their own.

    Args:
        ids: mapped to themselves where a user namespace is needed.
        privileged: whether the caller may do without a user namespace.

    Raises:
        OSError: the kernel or its administrator does not allow it.
    """
    try:
        syscalls.unshare(_ALL_BUT_USER if privileged else _ALL_BUT_USER | _NEWUSER)
    except OSError as error:
        if error.errno == errno.ENOSPC:  # the kernel means a count, not a disk
            error.filename = "unshare, see sysctl user.max_user_namespaces"
        raise
    if privileged:
        return
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{ids.uid} {ids.uid} 1\n")
    _write("/proc/self/gid_map", f"{ids.gid} {ids.gid} 1\n")


def _write(path: str, text: str) -> None:
    """Write a kernel table in one call, as it demands."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
