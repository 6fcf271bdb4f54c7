"""Limits bite, at the amount that was set, and for each worker apart."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.isolation import Isolation, Tier
from autograder.sandbox.policy import Limits
from autograder.sandbox.watch import tree_memory_bytes

Confine = Callable[..., Any]
Start = Callable[..., Any]

MIB = 1 << 20
SMALL = Limits(memory_bytes=256 * MIB, processes=6, file_bytes=MIB, cpu_seconds=20)


def _fork_until_refused(asked: int = 100) -> int:
    """Fork processes that wait; return how many there were, and let them end."""
    read_end, write_end = os.pipe()
    made = 0
    try:
        for _ in range(asked):
            if os.fork() == 0:
                os.close(write_end)
                os.read(read_end, 1)
                os._exit(0)
            made += 1
    except OSError:
        pass
    os.close(write_end)
    for _ in range(made):
        os.wait()
    return made


def test_a_hundred_forks_stop_at_the_process_limit(confine: Confine, any_tier: Isolation) -> None:
    made = confine(_fork_until_refused, any_tier)
    if any_tier.tier is Tier.NAMESPACES or os.geteuid() == 0:
        assert made == SMALL.processes - 1
    else:  # counted with the user's other processes, which come and go
        assert 0 < made <= SMALL.processes


def test_workers_at_the_same_time_do_not_share_the_process_limit(
    start: Start, namespaces: Isolation
) -> None:
    workers = [start(_fork_and_hold, namespaces, linger=True) for _ in range(3)]
    assert [worker.answer() for worker in workers] == [SMALL.processes - 1] * 3


def _fork_and_hold() -> int:
    made = 0
    try:
        while True:
            if os.fork() == 0:
                signal.pause()
            made += 1
    except OSError:
        return made


def test_allocation_beyond_the_limit_is_a_memory_error(
    confine: Confine, any_tier: Isolation
) -> None:
    def allocate() -> list[object]:
        below = len(bytearray(100 * MIB))
        try:
            bytearray(300 * MIB)
        except MemoryError:
            return [below, "MemoryError"]
        return [below, "no error"]

    assert confine(allocate, any_tier) == [100 * MIB, "MemoryError"]


def test_address_space_can_be_lifted_while_data_stays_bounded(
    confine: Confine, any_tier: Isolation
) -> None:
    import mmap

    def reserve() -> list[object]:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        reserved = len(mmap.mmap(-1, 1 << 40, flags | 0x4000, prot=mmap.PROT_READ))
        try:
            bytearray(300 * MIB)
        except MemoryError:
            return [reserved, "MemoryError"]
        return [reserved, "no error"]

    lifted = replace(SMALL, address_space=False)
    assert confine(reserve, any_tier, limits=lifted) == [1 << 40, "MemoryError"]


def test_file_cannot_grow_past_its_limit(confine: Confine, any_tier: Isolation) -> None:
    def write() -> list[object]:
        try:
            with open("file", "wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
        except OSError:
            pass
        return [os.path.getsize("file")]

    assert confine(write, any_tier) == [MIB]


def test_open_files_are_bounded(confine: Confine, any_tier: Isolation) -> None:
    def exhaust() -> int:
        opened = []
        try:
            while len(opened) < 1000:
                opened.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass
        return max(opened)

    assert confine(exhaust, any_tier) == SMALL.open_files - 1


def test_processor_time_is_bounded_and_the_outer_process_says_so(
    start: Start, any_tier: Isolation
) -> None:
    def spin() -> None:
        while True:
            pass

    worker = start(spin, any_tier, limits=replace(SMALL, cpu_seconds=1))
    assert worker.answer() is None
    assert os.WTERMSIG(worker.status()) == signal.SIGXCPU


def test_limits_cannot_be_raised_again(confine: Confine, any_tier: Isolation) -> None:
    import resource

    def raise_them() -> list[str]:
        answers = []
        for which in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):
            try:
                resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            except (ValueError, OSError):
                answers.append("refused")
        return answers

    assert confine(raise_them, any_tier) == ["refused"] * 3


def test_no_core_file_is_left(start: Start, any_tier: Isolation) -> None:
    worker = start(lambda: os.abort(), any_tier)
    assert worker.answer() is None
    status = worker.status()
    assert os.WTERMSIG(status) == signal.SIGABRT
    assert not os.WCOREDUMP(status)


def test_memory_of_the_whole_tree_is_seen_from_outside(start: Start, any_tier: Isolation) -> None:
    def hold() -> str:
        global _held
        read_end, write_end = os.pipe()
        if os.fork() == 0:
            _held = b"x" * (100 * MIB)
            os.write(write_end, b"x")
            signal.pause()
        _held = b"x" * (80 * MIB)
        os.read(read_end, 1)
        return "held"

    idle = start(lambda: "idle", any_tier, linger=True)
    assert idle.answer() == "idle"
    assert tree_memory_bytes(idle.pid) < 16 * MIB
    busy = start(hold, any_tier, linger=True)
    assert busy.answer() == "held"
    # More than either alone. Less than both: memory that a child gives back after the fork is
    # taken off, and pytest, which is forked here, holds a lot that it does not need.
    assert 120 * MIB <= tree_memory_bytes(busy.pid) < 220 * MIB


_held = b""


def test_memory_of_a_tree_that_is_gone_is_nothing(start: Start, any_tier: Isolation) -> None:
    worker = start(lambda: "done", any_tier)
    worker.answer()
    worker.status()
    assert tree_memory_bytes(worker.pid) == 0


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_memory_shared_with_the_grader_is_not_counted(start: Start, any_tier: Isolation) -> None:
    inherited = b"x" * (64 * MIB)
    worker = start(lambda: len(inherited), any_tier, linger=True)
    assert worker.answer() == 64 * MIB
    assert tree_memory_bytes(worker.pid) < 16 * MIB
