"""Ends a worker and all that it started, from the grader's side."""

from __future__ import annotations

import os
import select
import signal
import sys
import time

from autograder.sandbox.processes import descendants, is_dead

_PATIENCE = 2.0
_ROUNDS = 1000
_PAUSE = 0.002


def kill_tree(outer_pid: int) -> None:
    """End the outer process of a worker and every process below it, in whatever tier.

    Returns when all are dead. Leaves `outer_pid` unreaped, for the caller to wait for; does nothing
    where it has been reaped already. `outer_pid` must be a child of the caller, or a process that
    cannot be reaped meanwhile. Where the outer process does not answer and there are no namespaces,
    the worker's folder stays behind.

    Raises:
        ValueError: `outer_pid` does not name one process.
    """
    if outer_pid <= 1:
        raise ValueError(f"{outer_pid} is not the process id of a worker's outer process")
    below = descendants(outer_pid)
    if _signal(outer_pid, signal.SIGTERM) and not _ends_within(outer_pid, _PATIENCE):
        # It does not answer: stopped, stuck, or not yet inside `enter`.
        _signal(outer_pid, signal.SIGSTOP)
        below += _kill_below(outer_pid)
        _signal(outer_pid, signal.SIGKILL)
        _ends_within(outer_pid, _PATIENCE)
    for pid in set(below):
        _ends_within(pid, _PATIENCE)


def _kill_below(outer_pid: int) -> list[int]:
    """Kill the descendants of a stopped process until none is alive; return those met."""
    met: list[int] = []
    for _ in range(_ROUNDS):
        alive = [pid for pid in descendants(outer_pid) if not is_dead(pid)]
        if not alive:
            break
        for pid in alive:
            _signal(pid, signal.SIGKILL)
        met += alive
    return met


def _signal(pid: int, number: signal.Signals) -> bool:
    """Send a signal; return whether the process is there."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _ends_within(pid: int, seconds: float) -> bool:
    """Wait until `pid` has ended, reaped or not; return whether it did in time."""
    try:
        descriptor = os.pidfd_open(pid)
    except (OSError, AttributeError) as error:
        return isinstance(error, ProcessLookupError) or _polled(pid, seconds)
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def _polled(pid: int, seconds: float) -> bool:
    """Do the same where the system has no process descriptors."""
    if sys.platform == "darwin" and hasattr(select, "kqueue"):
        exit_of = (select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
        try:
            event = select.kevent(pid, *exit_of)
            return bool(select.kqueue().control([event], 1, seconds))
        except ProcessLookupError:
            return True
    deadline = time.monotonic() + seconds
    while not is_dead(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True
