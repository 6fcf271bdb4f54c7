"""The warm parent: has the imports done, holds no secret, forks one confined worker per request.

It never imports a test, an oracle or student code, so that what a worker can find in its own
memory is worth nothing. One thread only, and no torch operation before a fork.

Speaks JSON over a SEQPACKET socket with the judge:

    judge -> parent   {"do": "fork", "stage_dir", "limits": {...}, …} and two descriptors
    parent -> judge   {"forked": pid} | {"refused": why}
    judge -> parent   {"do": "kill", "pid"}
    parent -> judge   {"exited": pid, "status": wait status, "max_rss_mb"}
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from autograder.protocol.frames import pack
from autograder.sandbox.enter import enter, prepare
from autograder.sandbox.isolation import Isolation, Layer, Tier
from autograder.sandbox.policy import Limits, Policy
from autograder.sandbox.reap import kill_tree
from autograder.worker.serve import serve

STARTUP_FAILED = 97
"""Exit status of a child that could not be confined: the grader's fault, not the student's."""


def main(channel_fd: int, preload: list[str], isolation: Isolation) -> None:
    """Serve the judge until it closes its end of the socket. Never returns.

    Args:
        channel_fd: descriptor of the socket to the judge.
        preload: modules to import before the first fork; a `warm()` in them is called.
        isolation: what `enter` is to promise for every worker.
    """
    for name in preload:
        module = importlib.import_module(name)
        getattr(module, "warm", lambda: None)()
    prepare(isolation)
    gc.collect()
    gc.freeze()
    channel = socket.socket(fileno=channel_fd)
    Parent(channel, isolation).run()
    os._exit(0)


class Parent:
    """Owns the workers' process trees and reports their ends."""

    def __init__(self, channel: socket.socket, isolation: Isolation) -> None:
        self._channel = channel
        self._isolation = isolation
        self._children: set[int] = set()
        self._wake, wake_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)

    def run(self) -> None:
        """Answer until the judge is gone, then leave no process behind."""
        self._say(ready=os.getpid())
        while True:
            ready, _, _ = select.select([self._channel.fileno(), self._wake], [], [])
            if self._wake in ready:
                os.read(self._wake, 4096)
                self._reap()
            if self._channel.fileno() in ready and not self._answer():
                break
        for pid in self._children:
            kill_tree(pid)
            os.waitpid(pid, 0)

    def _answer(self) -> bool:
        try:
            data, fds, _, _ = socket.recv_fds(self._channel, 1 << 16, 2)
        except ConnectionResetError:  # the judge was killed with something of ours unread
            return False
        if not data:
            return False
        request: dict[str, Any] = json.loads(data)
        if request["do"] == "kill":
            if request["pid"] in self._children:
                kill_tree(request["pid"])
        else:
            self._fork(request, fds)
        return True

    def _fork(self, request: dict[str, Any], fds: list[int]) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            self._say(refused=f"fork: {error.strerror}")
            return
        if pid == 0:
            _child(request, fds, self._isolation)
        for fd in fds:
            os.close(fd)
        self._children.add(pid)
        self._say(forked=pid)

    def _reap(self) -> None:
        for pid in tuple(self._children):
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                self._children.discard(pid)
                self._say(exited=pid, status=status, max_rss_mb=usage.ru_maxrss >> 10)

    def _say(self, **message: int | str) -> None:
        try:
            self._channel.send(json.dumps(message).encode())
        except OSError:
            os._exit(0)


def _child(request: dict[str, Any], fds: list[int], isolation: Isolation) -> None:
    """Become a confined worker. Never returns."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        stage_dir = request["stage_dir"]
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.environ.clear()
        os.environ.update(PATH="/usr/bin:/bin", HOME="/tmp", OMP_NUM_THREADS="1", LANG="C.UTF-8")
        sys.argv, sys.dont_write_bytecode = ["worker"], True
        readable = (stage_dir, *request["readable"])
        devices = tuple(request["devices"])
        policy = Policy(readable, Limits(**request["limits"]), (0, 1, 2, *fds), devices)
        enter(policy, isolation)
    except BaseException as error:  # noqa: BLE001
        _report_failure(fds[1], error)
    serve(fds[0], fds[1], Path(stage_dir))


def _report_failure(reply_fd: int, error: BaseException) -> None:
    text = f"{type(error).__name__}: {error}"[:500]
    os.write(reply_fd, pack({"id": -1, "ok": False, "value": {"startup": text}}))
    os._exit(STARTUP_FAILED)


if __name__ == "__main__":
    start = json.loads(sys.argv[1])
    layers = frozenset(map(Layer, start["layers"]))
    main(start["fd"], start["preload"], Isolation(Tier(start["tier"]), (), layers))
