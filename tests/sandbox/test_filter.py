"""The system call filter decides the same on both machines, whichever one runs this test."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from autograder.sandbox.bpf import ALLOW, AUDIT_ARCH, ERRNO, KILL_PROCESS
from autograder.sandbox.call_numbers import NUMBERS
from autograder.sandbox.seccomp import Scope, program

MACHINES = sorted(NUMBERS)
APART = Scope(namespaces=True, shares_uid=True, landlock_abi=7, worker=2)
SHARED = Scope(namespaces=False, shares_uid=True, landlock_abi=7, worker=77)
OLD = Scope(namespaces=False, shares_uid=True, landlock_abi=2, worker=77)
PERM, NOSYS = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS

HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}


def _run(code: bytes, data: bytes) -> int:
    """Return the verdict of a filter, as the kernel would compute it."""
    instructions = list(struct.iter_unpack("<HBBI", code))
    at = accumulator = 0
    while True:
        operation, if_true, if_false, operand = instructions[at]
        at += 1
        if operation == 0x06:
            return operand
        if operation == 0x20:
            accumulator = struct.unpack_from("<I", data, operand)[0]
        elif operation == 0x54:
            accumulator &= operand
        else:
            tests = {0x15: accumulator == operand, 0x35: accumulator >= operand}
            tests[0x45] = bool(accumulator & operand)
            at += if_true if tests[operation] else if_false


def _verdict(machine: str, scope: Scope, call: str | int, *arguments: int) -> int:
    number = NUMBERS[machine][call] if isinstance(call, str) else call
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<iIQ6Q", number, AUDIT_ARCH[machine], 0, *padded)
    return _run(program(machine, scope), data)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments", "verdict"),
    [
        ("socket", (1, 1), ALLOW),
        ("socket", (2, 1), PERM),
        ("socket", (10, 2), PERM),
        ("clone", (0x11,), ALLOW),
        ("clone", (0x10000000 | 0x11,), PERM),
        ("clone", (0x40000000,), PERM),
        ("clone3", (), NOSYS),
        ("mmap", (0, 4096, 3, 0x22), ALLOW),
        ("mmap", (0, 4096, 3, 0x01), ALLOW),
        ("mmap", (0, 4096, 3, 0x21), PERM),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), PERM),
        ("ioctl", (0, 0x100005412), PERM),
        ("prlimit64", (0, 7), ALLOW),
        ("prlimit64", (1, 7), PERM),
        ("setpriority", (0, 0, 5), ALLOW),
        ("setpriority", (0, 9, 5), PERM),
        ("setpriority", (2, 0, 5), PERM),
        ("kill", (1, 9), ALLOW),
        ("setsid", (), ALLOW),
        ("fchmodat", (), ALLOW),
        ("openat", (0, 0, 0o1000), ALLOW),
        ("io_uring_setup", (), NOSYS),
        ("memfd_create", (), PERM),
        ("ptrace", (), PERM),
        ("bpf", (), PERM),
    ],
)
def test_behind_namespaces(
    machine: str, call: str, arguments: tuple[int, ...], verdict: int
) -> None:
    assert _verdict(machine, APART, call, *arguments) == verdict


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments", "verdict"),
    [
        ("socket", (1, 1), PERM),
        ("connect", (), PERM),
        ("socketpair", (1, 1), ALLOW),
        ("socketpair", (1, 0x80801), ALLOW),
        ("socketpair", (1, 2), PERM),
        ("setsid", (), PERM),
        ("setpgid", (), PERM),
        ("fchmodat", (), PERM),
        ("fchmod", (), PERM),
        ("kill", (5, 9), ALLOW),
        ("truncate", (), ALLOW),
    ],
)
def test_without_namespaces(
    machine: str, call: str, arguments: tuple[int, ...], verdict: int
) -> None:
    assert _verdict(machine, SHARED, call, *arguments) == verdict


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments", "verdict"),
    [
        ("kill", (77, 9), ALLOW),
        ("kill", (5, 9), PERM),
        ("kill", (0xFFFFFFFF, 9), PERM),
        ("tgkill", (77, 78, 6), ALLOW),
        ("tgkill", (5, 5, 6), PERM),
        ("pidfd_send_signal", (), PERM),
        ("truncate", (), PERM),
        ("openat2", (), NOSYS),
        ("openat", (0, 0, 0o1000), PERM),
        ("openat", (0, 0, 0o1101), ALLOW),
        ("openat", (0, 0, 0), ALLOW),
    ],
)
def test_what_an_old_landlock_leaves_open_is_closed(
    machine: str, call: str, arguments: tuple[int, ...], verdict: int
) -> None:
    assert _verdict(machine, OLD, call, *arguments) == verdict


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("scope", [APART, SHARED, OLD])
def test_calls_that_nobody_named_pass(machine: str, scope: Scope) -> None:
    named = set(NUMBERS[machine].values())
    assert all(_verdict(machine, scope, n) == ALLOW for n in set(range(500)) - named)


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_in_another_convention_kill(machine: str) -> None:
    data = struct.pack("<iIQ6Q", 1, 0x40000003, 0, *[0] * 6)
    assert _run(program(machine, APART), data) == KILL_PROCESS
    assert _verdict(machine, APART, 0x40000001) == KILL_PROCESS


@pytest.mark.parametrize("machine", MACHINES)
def test_filter_is_within_the_kernels_size(machine: str) -> None:
    assert len(program(machine, OLD)) // 8 <= 4096


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_agree_with_the_kernels_headers(machine: str) -> None:
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    pattern = r"#define __NR(?:3264)?_(\w+)\s+(\d+)"
    official = {name: int(number) for name, number in re.findall(pattern, header.read_text())}
    known = {name: number for name, number in NUMBERS[machine].items() if name in official}
    assert known == {name: official[name] for name in known}
    assert len(known) > 80
