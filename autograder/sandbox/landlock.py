"""Landlock: what a process and its children may open, from inside, without privileges.

Owns nothing that outlives `restrict`. Rules attach to the files themselves, so a later rename or
mount does not move them.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable

from autograder.sandbox import syscalls

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_FIRST_ABI = (1 << 13) - 1
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15

_READ = _EXECUTE | _READ_FILE | _READ_DIR
_ON_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_TCP = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
_QUERY_VERSION = 1
_RULE_PATH_BENEATH = 1
_LOG_OFF = 1


def abi() -> int:
    """Return the kernel's Landlock version, 0 where it has none."""
    try:
        return syscalls.syscall(
            "landlock version", syscalls.LANDLOCK_CREATE_RULESET, None, 0, _QUERY_VERSION
        )
    except (OSError, AttributeError):
        return 0


def _handled(version: int) -> int:
    """Return every file-system right that this version can govern; all are denied by default."""
    rights = _FIRST_ABI
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        rights |= right if version >= since else 0
    return rights


def _create(version: int, handled: int) -> int:
    """Return the descriptor of an empty set of rules: no file, no TCP, no signal to others."""
    fields = [handled]
    if version >= 4:
        fields.append(_TCP)
    if version >= 6:
        fields.append(_ABSTRACT_SOCKETS_AND_SIGNALS)
    packed = struct.pack(f"={len(fields)}Q", *fields)
    number = syscalls.LANDLOCK_CREATE_RULESET
    return syscalls.syscall("landlock rules", number, packed, len(packed), 0)


def _allow(rules: int, path: str, rights: int) -> None:
    """Grant `rights` on `path` and what lies below it; a path that is not there is left out."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _ON_A_FILE
        rule = struct.pack("=Qi", rights, descriptor)
        what, number = f"landlock rule for {path}", syscalls.LANDLOCK_ADD_RULE
        syscalls.syscall(what, number, rules, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def restrict(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Confine this process and its future children to `readable` (read, execute) and `writable`.

    Needs PR_SET_NO_NEW_PRIVS. Every path that is neither is refused, as are TCP (ABI 4), signals
    to and abstract sockets of processes outside (ABI 6), and tracing such processes (any ABI).

    Raises:
        OSError: the kernel refused a step; nothing is confined then.
    """
    version = abi()
    handled = _handled(version)
    rules = _create(version, handled)
    try:
        for path in readable:
            _allow(rules, path, _READ & handled)
        for path in writable:
            _allow(rules, path, handled & ~(_MAKE_CHAR | _MAKE_BLOCK))
        flags = _LOG_OFF if version >= 7 else 0
        syscalls.syscall("landlock", syscalls.LANDLOCK_RESTRICT_SELF, rules, flags)
    finally:
        os.close(rules)
