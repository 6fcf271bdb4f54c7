"""What a worker can and cannot reach: network, processes, kernel, memory that nobody counts."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import syscalls
from autograder.sandbox.isolation import Isolation, Layer, Tier

Confine = Callable[..., Any]
Refused = Callable[[Callable[[], Any]], str]


def _filtered(isolation: Isolation) -> None:
    if Layer.SECCOMP not in isolation.layers:
        pytest.skip(f"no system call filter here: {isolation.describe()}")


def test_network_sockets_are_refused(
    confine: Confine, any_tier: Isolation, refused: Refused
) -> None:
    _filtered(any_tier)

    def connect() -> list[str]:
        kinds = [(socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET6, socket.SOCK_DGRAM)]
        kinds += [(socket.AF_NETLINK, socket.SOCK_RAW), (socket.AF_ALG, socket.SOCK_SEQPACKET)]
        return [refused(lambda kind=kind: socket.socket(*kind)) for kind in kinds]

    assert confine(connect, any_tier) == ["PermissionError"] * 4


def test_network_is_empty_even_without_a_filter(
    confine: Confine, namespaces: Isolation, refused: Refused
) -> None:
    bare = Isolation(Tier.NAMESPACES, (), namespaces.layers - {Layer.SECCOMP, Layer.LANDLOCK})
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        assert confine(lambda: refused(lambda: socket.create_connection(address)), bare)


def test_sockets_of_the_machine_cannot_be_connected(
    confine: Confine, strong_tier: Isolation, refused: Refused, open_dir: Path
) -> None:
    path = str(open_dir / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        os.chmod(path, 0o777)
        server.listen()
        assert confine(
            lambda: refused(lambda: socket.socket(socket.AF_UNIX).connect(path)), strong_tier
        )


def test_socket_pairs_work_for_event_loops(confine: Confine, any_tier: Isolation) -> None:
    def talk() -> str:
        left, right = socket.socketpair()
        left.send(b"hello")
        return right.recv(5).decode()

    assert confine(talk, any_tier) == "hello"


def test_only_the_workers_own_processes_are_visible(
    confine: Confine, namespaces: Isolation
) -> None:
    if Layer.PROC not in namespaces.layers:
        pytest.skip(f"no /proc can be mounted here: {namespaces.describe()}")

    def look() -> list[int]:
        return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())

    assert confine(look, namespaces) == [1, 2]


def test_command_lines_and_memory_of_the_grader_cannot_be_read(
    confine: Confine, strong_tier: Isolation, refused: Refused
) -> None:
    grader = os.getpid()

    def read() -> list[str]:
        return [
            refused(Path(f"/proc/{grader}/{name}").read_bytes)
            for name in ("cmdline", "environ", "mem", "maps")
        ]

    answers = confine(read, strong_tier)
    assert all(answers), answers


def test_the_grader_and_the_guards_cannot_be_signalled(
    confine: Confine, any_tier: Isolation, refused: Refused
) -> None:
    _filtered(any_tier)
    if any_tier.tier is Tier.NAMESPACES:
        pytest.skip("their numbers do not exist there")
    grader = os.getpid()

    def strike() -> list[str]:
        targets = (grader, os.getppid())
        return [refused(lambda pid=pid: os.kill(pid, signal.SIGCONT)) for pid in targets]

    assert confine(strike, any_tier) == ["PermissionError"] * 2


def test_killing_everything_in_sight_leaves_the_guards_alive(
    start: Callable[..., Any], namespaces: Isolation
) -> None:
    def strike() -> str:
        if os.getpid() != 2:  # never strike outside
            return "not in a pid namespace"
        for pid in (1, os.getppid(), -1):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        return "alive"

    worker = start(strike, namespaces)
    assert worker.answer() == "alive"
    assert worker.status() == 0


def test_priorities_and_limits_of_other_processes_are_out_of_reach(
    confine: Confine, any_tier: Isolation, refused: Refused
) -> None:
    _filtered(any_tier)

    def meddle() -> list[str]:
        other = os.getppid()
        return [
            refused(lambda: os.setpriority(os.PRIO_PROCESS, other, 19)),
            refused(lambda: os.setpriority(os.PRIO_USER, 0, 19)),
            refused(lambda: os.sched_setaffinity(other, {0})),
            refused(lambda: os.sched_setscheduler(other, os.SCHED_BATCH, os.sched_param(0))),
        ]

    assert confine(meddle, any_tier) == ["PermissionError"] * 4


def test_memory_that_no_limit_counts_is_refused(
    confine: Confine, any_tier: Isolation, refused: Refused
) -> None:
    _filtered(any_tier)

    def grab() -> list[str]:
        return [
            refused(lambda: os.memfd_create("x")),
            refused(lambda: mmap.mmap(-1, 4096)),
            refused(
                lambda: syscalls.syscall("shmget", _SHMGET[syscalls.machine()], 0, 4096, 0o1600)
            ),
        ]

    assert confine(grab, any_tier) == ["PermissionError"] * 3


_SHMGET = {"x86_64": 29, "aarch64": 194}


def test_private_and_file_backed_maps_still_work(confine: Confine, any_tier: Isolation) -> None:
    def use() -> list[int]:
        private = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        Path("file").write_bytes(b"abc")
        with open("file", "r+b") as file:
            shared = mmap.mmap(file.fileno(), 3)
        return [len(private), shared[0]]

    assert confine(use, any_tier) == [4096, ord("a")]


def test_new_namespaces_tracing_and_mounts_are_refused(
    confine: Confine, any_tier: Isolation, refused: Refused
) -> None:
    _filtered(any_tier)

    def escape() -> list[str]:
        return [
            refused(lambda: syscalls.unshare(0x10000000)),
            refused(lambda: syscalls.mount("tmpfs", "/tmp", "tmpfs", 0)),
            refused(lambda: syscalls.pivot_root(".", ".")),
            refused(lambda: _ptrace(16, os.getppid())),
        ]

    assert confine(escape, any_tier) == ["PermissionError"] * 4


def _ptrace(request: int, pid: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.ptrace(request, pid, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def test_worker_has_no_rights_and_cannot_gain_any(confine: Confine, any_tier: Isolation) -> None:
    def rights() -> list[int]:
        gained = syscalls.prctl(syscalls.PR_GET_NO_NEW_PRIVS)
        capabilities = syscalls.capget(b"\x22\x05\x08\x20" + bytes(4))
        return [gained, os.getuid(), *capabilities]

    gained, uid, *capabilities = confine(rights, any_tier)
    allowed = 4 if Layer.READ_ALL in any_tier.layers else 0
    assert gained == 1
    assert uid != 0
    assert {capabilities[0], capabilities[4]} == {allowed}
    assert not any(capabilities[8:])


def test_descriptors_that_were_not_promised_are_closed(
    confine: Confine, any_tier: Isolation
) -> None:
    kept, lost = os.pipe()

    def look() -> list[bool]:
        return [_is_open(kept), _is_open(lost)]

    try:
        assert confine(look, any_tier, keep=(kept,)) == [True, False]
    finally:
        os.close(kept)
        os.close(lost)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
