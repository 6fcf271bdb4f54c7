"""The system call filter: what it refuses, by name.

A deny list, because student code may use all of Python. What it refuses fails with EPERM, or with
ENOSYS where libraries then take an older way that the filter can read.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import struct
from dataclasses import dataclass

from autograder.sandbox import bpf, syscalls
from autograder.sandbox.bpf import Rule
from autograder.sandbox.call_numbers import NUMBERS

_NEW_NAMESPACES = 0x7E020000
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE = 1, 1, 0xF
_MAP_SHARED, _MAP_TYPE, _MAP_ANONYMOUS = 0x01, 0x0F, 0x20
_O_ACCESS_MODE, _O_TRUNCATE = 0o3, 0o1000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_PRIO_PROCESS, _IOPRIO_WHO_PROCESS = 0, 1
_MODE_FILTER = 2

_ALWAYS = (
    "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise process_mrelease "
    "unshare setns mount umount2 pivot_root chroot move_mount open_tree open_tree_attr fsopen "
    "fsconfig fsmount fspick mount_setattr "
    "keyctl add_key request_key bpf perf_event_open userfaultfd io_setup fanotify_init "
    "kexec_load kexec_file_load init_module finit_module delete_module reboot swapon swapoff acct "
    "open_by_handle_at name_to_handle_at quotactl quotactl_fd syslog personality vhangup "
    "settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname "
    "iopl ioperm modify_ldt uselib migrate_pages move_pages "
    # Memory that no limit counts.
    "memfd_create memfd_secret vmsplice shmget msgget semget mq_open"
).split()
_ABSENT = ("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register")
# One group of processes can be killed at once; where there is no pid namespace, none may leave it.
_LEAVE_GROUP = ("setsid", "setpgid")
# Landlock does not govern what its owner may do to a file that he can name.
_CHANGE_FILES = (
    "chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat utime utimes futimesat utimensat "
    "setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat "
    "file_setattr"
).split()
_SIGNAL_OTHERS = ("pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tkill")
_OWN_ONLY = ("prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam")


@dataclass(frozen=True)
class Scope:
    """What other layers leave open and the filter has to close.

    Attributes:
        namespaces: whether other processes, sockets and files are out of sight anyway.
        shares_uid: whether the worker runs as the very user that runs the grader.
        landlock_abi: the Landlock version in force, 0 for none.
        worker: the worker's process id, the one that it may signal where signals are open.
    """

    namespaces: bool
    shares_uid: bool
    landlock_abi: int
    worker: int


def available() -> bool:
    """Return whether this kernel filters system calls and their numbers are known here."""
    if syscalls.machine() not in NUMBERS:
        return False
    try:
        return syscalls.prctl(syscalls.PR_GET_SECCOMP) in (0, _MODE_FILTER)
    except OSError:
        return False


def install(scope: Scope) -> None:
    """Put the filter in force for this process and its future children; it cannot be undone.

    Needs PR_SET_NO_NEW_PRIVS.

    Raises:
        OSError: the kernel refused it, or the machine's call numbers are not known.
    """
    machine = syscalls.machine()
    if machine is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), "call numbers of this machine")
    code = program(machine, scope)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    pointer = ctypes.create_string_buffer(header, len(header))
    syscalls.prctl(syscalls.PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(pointer))


@functools.cache
def program(machine: str, scope: Scope) -> bytes:
    """Return the filter for `machine` ("x86_64" or "aarch64") as the kernel reads it."""
    names = NUMBERS[machine]
    rules = {**_whole_calls(scope), **_by_argument(scope)}
    # Calls whose arguments are read run the filter each time, so they come first.
    ordered = sorted(rules, key=lambda name: rules[name].checks == ())
    return bpf.assemble(machine, [(names[n], rules[n]) for n in ordered if n in names])


def _whole_calls(scope: Scope) -> dict[str, Rule]:
    """Return the rules that refuse a call whatever its arguments."""
    refused = list(_ALWAYS)
    absent = list(_ABSENT)
    if not scope.namespaces:
        refused += [*_LEAVE_GROUP, *_CHANGE_FILES, "socket", "connect"]
    if _signals_open(scope):
        refused += _SIGNAL_OTHERS
    if 0 < scope.landlock_abi < 3:
        refused.append("truncate")
        absent.append("openat2")
    denied = {name: Rule(errno.EPERM) for name in refused}
    return denied | {name: Rule(errno.ENOSYS) for name in absent}


def _by_argument(scope: Scope) -> dict[str, Rule]:
    """Return the rules that look at arguments; a call passes if none of its checks matches."""
    rules = {
        "clone": Rule(errno.EPERM, (bpf.any_bit(0, _NEW_NAMESPACES),)),
        "ioctl": Rule(errno.EPERM, (bpf.equal(1, _TIOCSTI), bpf.equal(1, _TIOCLINUX))),
        "mmap": Rule(
            errno.EPERM, (bpf.equal(3, _MAP_SHARED | _MAP_ANONYMOUS, _MAP_TYPE | _MAP_ANONYMOUS),)
        ),
        "setpriority": Rule(errno.EPERM, (bpf.differ(0, _PRIO_PROCESS), bpf.differ(1, 0))),
        "ioprio_set": Rule(errno.EPERM, (bpf.differ(0, _IOPRIO_WHO_PROCESS), bpf.differ(1, 0))),
        "sched_setattr": Rule(errno.EPERM, (bpf.differ(0, 0),)),
    }
    rules |= {name: Rule(errno.EPERM, (bpf.differ(0, 0),)) for name in _OWN_ONLY}
    unix = bpf.differ(0, _AF_UNIX)
    if scope.namespaces:
        rules |= {"socket": Rule(errno.EPERM, (unix,)), "socketpair": Rule(errno.EPERM, (unix,))}
    else:
        stream = bpf.differ(1, _SOCK_STREAM, _SOCK_TYPE)
        rules["socketpair"] = Rule(errno.EPERM, (unix, stream))
    if _signals_open(scope):
        own = (bpf.differ(0, scope.worker),)
        rules |= {"kill": Rule(errno.EPERM, own), "tgkill": Rule(errno.EPERM, own)}
    if 0 < scope.landlock_abi < 3:
        mask = _O_ACCESS_MODE | _O_TRUNCATE
        rules["openat"] = Rule(errno.EPERM, (bpf.equal(2, _O_TRUNCATE, mask),))
        rules["open"] = Rule(errno.EPERM, (bpf.equal(1, _O_TRUNCATE, mask),))
    return rules


def _signals_open(scope: Scope) -> bool:
    """Return whether nothing else keeps the worker from signalling the grader."""
    return not scope.namespaces and scope.shares_uid and scope.landlock_abi < 6
