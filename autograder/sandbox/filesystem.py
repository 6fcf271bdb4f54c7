"""Builds the worker's file tree out of mounts: an empty, read-only root and what was asked for.

Works on the mount namespace of the calling process, which must be its own. After `build` the host's
tree cannot be reached from it by any path.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.sandbox import syscalls
from autograder.sandbox.layout import Layout

_RDONLY, _NOSUID, _NODEV, _NOEXEC = 1, 2, 4, 8
_REMOUNT, _BIND, _REC, _PRIVATE = 32, 4096, 16384, 1 << 18
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4
_DETACH = 2

_OLD = "/.old"
_STAGING = ("/tmp", "/mnt", "/usr")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_DEVICE_LINKS = (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2"))
_MOST_FILES = 4096
# What a remount from a user namespace must not lose: statvfs bit, mount flag.
_LOCKED = ((4, _NODEV), (8, _NOEXEC), (1 << 10, 1 << 10), (1 << 11, 1 << 11), (1 << 12, 1 << 21))

WORK = "/tmp"
WRITABLE = (WORK, "/dev/shm", "/dev/null", "/dev/full")


@dataclass(frozen=True)
class Scratch:
    """The writable part: owner and size in bytes of /tmp (and, apart, of /dev/shm)."""

    uid: int
    gid: int
    size: int

    def options(self) -> str:
        """Return the mount options; the number of files is bounded because each takes memory."""
        owner = f"uid={self.uid},gid={self.gid},mode=0700"
        return f"{owner},size={self.size},nr_inodes={_MOST_FILES}"


def build(layout: Layout, scratch: Scratch, proc: bool, devices: Sequence[str] = ()) -> None:
    """Replace the root with a new one and leave the process in it, in WORK.

    Args:
        layout: what to show, read-only.
        scratch: the private /tmp and /dev/shm.
        proc: whether to mount /proc, of the process's own pid namespace.
        devices: absolute paths below /dev to show beside the harmless ones.

    Raises:
        OSError: the kernel refused a step; the process must not go on.
    """
    _enter_empty_root()
    os.mkdir("/tmp", 0o755)
    syscalls.mount("tmpfs", "/tmp", "tmpfs", _NOSUID | _NODEV, scratch.options())
    _show(layout)
    _make_devices(scratch, devices)
    if proc:
        os.mkdir("/proc")
        syscalls.mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    syscalls.unmount(_OLD, _DETACH)
    os.rmdir(_OLD)
    syscalls.mount(None, "/", None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV)
    os.chdir(WORK)


def _enter_empty_root() -> None:
    """Make a small tmpfs the root, with the host's tree below _OLD.

    One pivot is enough: it moves the tmpfs away from the directory that it covered.
    """
    syscalls.mount(None, "/", None, _REC | _PRIVATE)
    staging = next(path for path in _STAGING if os.path.isdir(path))
    syscalls.mount("tmpfs", staging, "tmpfs", _NOSUID | _NODEV, "mode=0755,size=1m")
    os.mkdir(staging + _OLD)
    syscalls.pivot_root(staging, staging + _OLD)
    os.chdir("/")


def _show(layout: Layout) -> None:
    """Recreate the symlinks and bind the real paths of `layout`."""
    for path, target in layout.links:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)
    for path in layout.folders:
        os.makedirs(path, exist_ok=True)
        _bind_read_only(path)
    for path in layout.files:
        _make_file(path)
        _bind_read_only(path)


def _make_file(path: str) -> None:
    """Create an empty file to mount on."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _bind_read_only(path: str) -> None:
    """Show the host's `path`, and all that is mounted below it, read-only without devices."""
    syscalls.mount(_OLD + path, path, None, _BIND | _REC)
    try:
        syscalls.set_mount_attributes(path, _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV)
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
        _remount_read_only(path)


def _remount_read_only(path: str) -> None:
    """Do what Linux before 5.12 cannot do in one call: remount each mount below `path`."""
    with open(f"{_OLD}/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as table:
        points = [_unescape(line.split()[4]) for line in table]
    for point in (p for p in points if p == path or p.startswith(path + "/")):
        present = os.statvfs(point).f_flag
        locked = sum(flag for bit, flag in _LOCKED if present & bit)
        syscalls.mount(None, point, None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV | locked)


def _unescape(word: str) -> str:
    """Return a path of mountinfo, where the kernel writes blanks as octal."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), word)


def _make_devices(scratch: Scratch, others: Sequence[str]) -> None:
    """Fill /dev: the harmless devices and others asked for, a private /dev/shm, the usual links."""
    os.makedirs("/dev/shm", exist_ok=True)
    syscalls.mount("tmpfs", "/dev/shm", "tmpfs", _NOSUID | _NODEV | _NOEXEC, scratch.options())
    for path in (*(f"/dev/{name}" for name in _DEVICES), *others):
        if os.path.exists(_OLD + path):
            _make_file(path)
            syscalls.mount(_OLD + path, path, None, _BIND)
    for name, target in _DEVICE_LINKS:
        os.symlink(f"/proc/self/{target}", f"/dev/{name}")
