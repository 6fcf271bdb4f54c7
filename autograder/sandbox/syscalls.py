"""The few calls into the C library that Python does not offer.

Each raises OSError with the errno and, as its filename, the name of the call. Nothing here runs at
import beyond loading the C library, so the module imports on every Unix; the calls themselves exist
on Linux only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys

_libc = ctypes.CDLL(None, use_errno=True)

AT_FDCWD = -100
AT_RECURSIVE = 0x8000

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_GET_SECCOMP = 21
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
PR_CAP_AMBIENT = 47

_LAYOUTS = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_MOUNT_SETATTR = 442
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446


def machine() -> str | None:
    """Return "x86_64" or "aarch64", or None where the call numbers are not known here."""
    if not sys.platform.startswith("linux") or sys.maxsize < 2**32:
        return None
    return _LAYOUTS.get(platform.machine().lower())


def checked(result: int, what: str) -> int:
    """Return `result`, or raise OSError with `what` as its filename where the call failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def syscall(what: str, number: int, *arguments: int | bytes | None) -> int:
    """Make a system call by number; integers pass as 64-bit, bytes as a pointer, None as NULL."""
    packed = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    _libc.syscall.restype = ctypes.c_long
    return checked(_libc.syscall(ctypes.c_long(number), *packed), what)


def prctl(option: int, *arguments: int) -> int:
    """Make a prctl call; missing arguments are zero."""
    padded = (*arguments, 0, 0, 0, 0)[:4]
    result = _libc.prctl(ctypes.c_int(option), *(ctypes.c_ulong(a) for a in padded))
    return checked(result, f"prctl {option}")


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` (CLONE_NEW*)."""
    checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """Make a mount call; `kind` is the file system type, `data` its options."""
    result = _libc.mount(
        None if source is None else os.fsencode(source),
        os.fsencode(target),
        None if kind is None else kind.encode(),
        ctypes.c_ulong(flags),
        data.encode() or None,
    )
    checked(result, f"mount {kind or source or ''} on {target}")


def unmount(target: str, flags: int) -> None:
    """Make an umount2 call."""
    checked(_libc.umount2(os.fsencode(target), ctypes.c_int(flags)), f"umount {target}")


def pivot_root(new_root: str, put_old: str) -> None:
    """Make `new_root` the root and move the old one to `put_old`, a directory inside it."""
    number = _PIVOT_ROOT.get(machine() or "")
    if number is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), "pivot_root")
    syscall("pivot_root", number, os.fsencode(new_root), os.fsencode(put_old))


def set_mount_attributes(target: str, attributes: int) -> None:
    """Set MOUNT_ATTR_* bits on `target` and every mount below it (Linux 5.12)."""
    request = attributes.to_bytes(8, sys.byteorder) + bytes(24)
    what = f"mount_setattr {target}"
    syscall(what, _MOUNT_SETATTR, AT_FDCWD, os.fsencode(target), AT_RECURSIVE, request, 32)


def capset(header: bytes, data: bytes) -> None:
    """Make a capset call with the two kernel structures already packed."""
    checked(_libc.capset(header, data), "capset")


def capget(header: bytes) -> bytes:
    """Return the 24 bytes of this process's capability sets."""
    data = ctypes.create_string_buffer(24)
    checked(_libc.capget(header, data), "capget")
    return data.raw
