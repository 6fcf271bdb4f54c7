"""However a worker ends, nothing of it stays, and its status is told as it was."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from typing import Any

import pytest

from autograder.sandbox import processes, reap
from autograder.sandbox.isolation import Isolation, Tier
from autograder.sandbox.processes import descendants, is_dead
from autograder.sandbox.reap import kill_tree

Start = Callable[..., Any]
PATIENCE = 30.0


def _family() -> str:
    """Leave a child, and a daemon that ran away by session and double fork if it may."""
    read_end, write_end = os.pipe()
    if os.fork() == 0:
        try:
            os.setsid()
        except OSError:
            pass
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.write(write_end, b"x")
            signal.pause()
        os._exit(0)
    os.wait()
    if os.fork() == 0:
        os.write(write_end, b"x")
        signal.pause()
    for _ in range(2):
        os.read(read_end, 1)
    return "left"


def _wait_until_dead(pids: list[int]) -> list[int]:
    """Wait for each process to end; return those that do not."""
    alive = []
    for pid in pids:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        if not select.select([descriptor], [], [], PATIENCE)[0]:
            alive.append(pid)
        os.close(descriptor)
    return alive


def _live(outer: int, at_least: int) -> list[int]:
    """Return the processes below `outer`, checking that there is something to be ended."""
    below = descendants(outer)
    assert sum(not is_dead(pid) for pid in below) >= at_least
    return below


def test_kill_tree_ends_a_daemon_that_ran_away(start: Start, any_tier: Isolation) -> None:
    worker = start(_family, any_tier, linger=True)
    assert worker.answer() == "left"
    below = _live(worker.pid, 3)
    kill_tree(worker.pid)
    assert all(is_dead(pid) for pid in below)
    assert os.WTERMSIG(worker.status()) == signal.SIGTERM


def test_what_a_worker_leaves_behind_ends_with_it(start: Start, any_tier: Isolation) -> None:
    read_end, write_end = os.pipe()

    def leave() -> str:
        said = _family()
        os.close(write_end)
        return said

    worker = start(leave, any_tier, keep=(write_end,))
    os.close(write_end)
    assert worker.answer() == "left"
    assert os.waitstatus_to_exitcode(worker.status()) == 0
    # The daemon and the child inherited the pipe: it closes when the last of them is gone.
    assert select.select([read_end], [], [], PATIENCE)[0]
    assert os.read(read_end, 1) == b""
    os.close(read_end)


def test_death_of_the_grader_ends_everything(start: Start, any_tier: Isolation) -> None:
    read_end, write_end = os.pipe()
    grader = os.fork()
    if grader == 0:
        worker = start(_family, any_tier, linger=True)
        worker.answer()
        os.write(write_end, str(worker.pid).encode())
        while True:
            signal.pause()
    outer = int(os.read(read_end, 20))
    below = [outer, *_live(outer, 3)]
    os.kill(grader, signal.SIGKILL)
    os.waitpid(grader, 0)
    assert _wait_until_dead(below) == []


def test_death_of_the_outer_process_ends_the_worker(start: Start, any_tier: Isolation) -> None:
    worker = start(lambda: "here", any_tier, linger=True)
    assert worker.answer() == "here"
    below = _live(worker.pid, 1)
    os.kill(worker.pid, signal.SIGKILL)
    assert os.WTERMSIG(worker.status()) == signal.SIGKILL
    assert _wait_until_dead(below) == []


def test_death_of_init_ends_daemons_too(start: Start, namespaces: Isolation) -> None:
    worker = start(_family, namespaces, linger=True)
    assert worker.answer() == "left"
    below = _live(worker.pid, 4)
    os.kill(below[0], signal.SIGKILL)
    assert os.WTERMSIG(worker.status()) == signal.SIGKILL
    assert _wait_until_dead(below) == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kill_tree wait less for an answer that will not come."""
    monkeypatch.setattr(reap, "_PATIENCE", 0.2)


@pytest.mark.usefixtures("impatient")
def test_stopped_outer_process_does_not_save_the_rest(start: Start, any_tier: Isolation) -> None:
    worker = start(_family, any_tier, linger=True)
    assert worker.answer() == "left"
    below = _live(worker.pid, 3)
    os.kill(worker.pid, signal.SIGSTOP)
    kill_tree(worker.pid)
    assert _wait_until_dead(below) == []
    assert os.WTERMSIG(worker.status()) == signal.SIGKILL


@pytest.mark.usefixtures("impatient")
def test_tree_of_a_child_that_never_entered_is_killed_too(start: Start) -> None:
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            os.write(write_end, b"x")
        signal.pause()
    os.read(read_end, 1)
    below = _live(child, 1)
    kill_tree(child)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert _wait_until_dead(below) == []


def test_kill_tree_of_a_worker_that_has_ended_does_nothing(
    start: Start, any_tier: Isolation
) -> None:
    worker = start(lambda: "done", any_tier)
    worker.answer()
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
    kill_tree(worker.pid)
    assert worker.status() == 0
    kill_tree(worker.pid)


@pytest.mark.parametrize("pid", [1, 0, -1, -2])
def test_kill_tree_refuses_what_is_not_one_process(pid: int) -> None:
    with pytest.raises(ValueError, match="outer process"):
        kill_tree(pid)


def test_exit_code_is_told_as_it_was(start: Start, any_tier: Isolation) -> None:
    worker = start(lambda: os._exit(7), any_tier)
    assert worker.answer() is None
    assert os.waitstatus_to_exitcode(worker.status()) == 7


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_deadly_signal_is_told_as_it_was(
    start: Start, any_tier: Isolation, number: signal.Signals
) -> None:
    def die() -> None:
        signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
        os.kill(os.getpid(), number)

    worker = start(die, any_tier)
    assert worker.answer() is None
    assert os.WTERMSIG(worker.status()) == number


def test_fork_that_hops_from_process_to_process_is_caught(
    start: Start, any_tier: Isolation
) -> None:
    if any_tier.tier is Tier.LIMITS and not any_tier.layers:
        pytest.skip("nothing keeps processes of one user together here")
    read_end, write_end = os.pipe()

    def hop() -> str:
        if os.fork() == 0:
            while True:
                if os.fork():
                    os._exit(0)
        os.close(write_end)
        return "hopping"

    worker = start(hop, any_tier, keep=(write_end,))
    os.close(write_end)
    assert worker.answer() == "hopping"
    assert os.waitstatus_to_exitcode(worker.status()) == 0
    assert select.select([read_end], [], [], PATIENCE)[0]
    assert os.read(read_end, 1) == b""
    os.close(read_end)


@pytest.mark.usefixtures("impatient")
def test_kernel_without_process_descriptors_is_polled(
    start: Start, any_tier: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    worker = start(_family, any_tier, linger=True)
    assert worker.answer() == "left"
    below = _live(worker.pid, 3)
    kill_tree(worker.pid)
    assert all(is_dead(pid) for pid in below)


def test_process_table_is_scanned_where_the_kernel_lists_no_children(
    start: Start, any_tier: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = start(_family, any_tier, linger=True)
    assert worker.answer() == "left"
    listed = descendants(worker.pid)

    def missing(pid: int) -> list[int]:
        raise FileNotFoundError(pid)

    monkeypatch.setattr(processes, "_children", missing)
    assert sorted(descendants(worker.pid)) == sorted(listed)
