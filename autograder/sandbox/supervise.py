"""The two guards of a worker: the outer process and, in a pid namespace, its init.

Both only wait, end what is left, and pass the worker's wait status on. Neither returns.
"""

from __future__ import annotations

import os
import resource
import select
import shutil
import signal
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from autograder.sandbox import syscalls
from autograder.sandbox.descriptors import close_all_but
from autograder.sandbox.processes import descendants, is_dead

_STATUS = struct.Struct("i")
_HEARD = (signal.SIGCHLD, signal.SIGTERM)
_DEFAULTS = (*_HEARD, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGALRM)
_FAULT = 125
_ROUNDS = 10_000


def start_session() -> None:
    """Make this process the outer one: a session of its own, signals at rest until `sigwait`."""
    signal.pthread_sigmask(signal.SIG_SETMASK, _HEARD)
    for number in _DEFAULTS:
        signal.signal(number, signal.SIG_DFL)
    if os.getpid() != os.getsid(0):
        os.setsid()


def unmask() -> None:
    """Hear every signal again, in a child of a guard."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def die_with_parent(how: signal.Signals, parent: int | None = None) -> None:
    """Ask for `how` when the parent ends; to be repeated after each change of credentials.

    Ends this process at once if `parent`, its number where it can be seen, is gone already.
    """
    with suppress(OSError, AttributeError):  # not Linux
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, how)
    if parent is not None and os.getppid() != parent:
        os._exit(_FAULT)


def die_with_reader(write_end: int) -> None:
    """Do the same where the parent is out of sight: it holds the other end of this pipe."""
    die_with_parent(signal.SIGKILL)
    poll = select.poll()
    poll.register(write_end, 0)
    if poll.poll(0):
        os._exit(_FAULT)


def run_init(worker: int, status: int) -> NoReturn:
    """Reap as process 1 until `worker` ends, write its wait status to `status`, and end.

    The kernel then kills whatever is left in the pid namespace.
    """
    try:
        unmask()
        close_all_but({status})
        while True:
            pid, how = os.wait()
            if pid == worker:
                os.write(status, _STATUS.pack(how))
                os._exit(0)
    finally:
        os._exit(_FAULT)


def guard_init(init: int, status: int) -> NoReturn:
    """Wait for process 1 of a pid namespace, and with it for everything inside.

    SIGTERM ends it all and is mirrored.
    """
    try:
        close_all_but({status})
        told = _wait_for(init)
        if told is None:
            os.kill(init, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(init, 0)
        if told is None:
            _mirror(signal.SIGTERM)
        raw = os.read(status, _STATUS.size)
        _mirror(_STATUS.unpack(raw)[0] if len(raw) == _STATUS.size else told)
    finally:
        os._exit(_FAULT)


@dataclass(frozen=True)
class Brood:
    """What the outer process answers for where there is no pid namespace.

    Attributes:
        worker: its child, leader of a process group.
        folder: the worker's folder, removed at the end.
    """

    worker: int
    folder: str


def guard_brood(brood: Brood) -> NoReturn:
    """Wait for the worker, then end all that it left behind, remove its folder, mirror its status.

    SIGTERM, sent by the grader or by the kernel when the grader dies, does the same at once.
    """
    try:
        close_all_but(())
        told = _wait_for(brood.worker)
        _end_all(brood)
        shutil.rmtree(brood.folder, ignore_errors=True)
        _mirror(signal.SIGTERM if told is None else told)
    finally:
        os._exit(_FAULT)


def _wait_for(child: int) -> int | None:
    """Return the wait status of `child` once it has ended, None if SIGTERM came first.

    Leaves `child` unreaped, so that its number cannot be another's; reaps others on the way.
    """
    while True:
        if signal.sigwait(_HEARD) == signal.SIGTERM:
            return None
        while (ended := _next_ended()) is not None:
            if ended[0] == child:
                return ended[1]
            with suppress(ChildProcessError):
                os.waitpid(ended[0], 0)


def _next_ended() -> tuple[int, int] | None:
    """Return the number and wait status of a child that has ended, None if none has."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        pid, status = os.waitpid(-1, os.WNOHANG)
        return (pid, status) if pid else None
    ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if ended is None:
        return None
    exited = ended.si_code == os.CLD_EXITED
    return ended.si_pid, ended.si_status << 8 if exited else ended.si_status


def _end_all(brood: Brood) -> None:
    """Kill and reap every descendant; a subreaper has all of the worker's offspring below it.

    Processes are named one by one, or by the worker's own group: never by user.
    """
    for _ in range(_ROUNDS):
        _kill_group(brood.worker)
        left = descendants(os.getpid())
        for pid in left:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                if pid != brood.worker:  # unreaped, its number stays that of the group
                    os.waitpid(pid, os.WNOHANG)
        if not any(not is_dead(pid) for pid in left):
            return


def _kill_group(leader: int) -> None:
    """Kill the worker's process group in one step that no fork can slip through.

    The filter lets nobody leave that group; the caller finds the strays of weaker tiers.
    """
    if leader > 1 and leader not in (os.getpid(), os.getpgrp()):
        with suppress(OSError):
            os.killpg(leader, signal.SIGKILL)


def _mirror(status: int) -> NoReturn:
    """End as the wait status says."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
        os.kill(os.getpid(), number)
        os._exit(128 + number)
    os._exit(os.waitstatus_to_exitcode(status))
