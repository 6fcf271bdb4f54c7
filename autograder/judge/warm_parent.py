"""The judge's handle on a warm parent process (`autograder.worker.parent`)."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.judge.faults import GraderFault
from autograder.sandbox.isolation import Isolation
from autograder.sandbox.policy import Limits

ROOT = Path(__file__).resolve().parents[2]
FOR_DRIVERS = (
    "autograder.worker.driver",
    "autograder.worker.steps",
    "autograder.worker.tensors",
    "autograder.worker.examples",
)
"""What drivers import from the grader: loaded before the fork, as workers cannot see its files."""
START_SECONDS = 60.0
EXIT_SECONDS = 10.0


@dataclass(frozen=True)
class Exit:
    """How a worker's process tree ended, as its parent saw it."""

    status: int
    max_rss_mb: int


@dataclass(frozen=True)
class Pipes:
    """A fresh worker: its outermost process and the judge's two pipe ends."""

    pid: int
    write_fd: int
    read_fd: int


class WarmParent:
    """Starts one parent process and asks it for workers. Close it, or use it in `with`."""

    def __init__(self, isolation: Isolation, preload: Sequence[str] = ()) -> None:
        """Start the process; it gets ready while the judge does other things.

        Args:
            isolation: what every worker gets; from `probe`.
            preload: modules to import once, before any fork.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel = ours
        self._exits: dict[int, Exit] = {}
        self._ready = False
        self.largest_mb = 0
        """Peak memory of the largest worker that has ended."""
        start = {
            "fd": theirs.fileno(),
            "preload": [*FOR_DRIVERS, *preload],
            "tier": isolation.tier,
            "layers": sorted(isolation.layers),
        }
        command = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import runpy;"
        command += "runpy.run_module('autograder.worker.parent', run_name='__main__')"
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", command, json.dumps(start)],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )
        theirs.close()

    @property
    def is_alive(self) -> bool:
        """False once the process has ended."""
        return self._process.poll() is None

    def fork(
        self,
        stage_dir: Path,
        limits: Limits,
        readable: Sequence[str] = (),
        devices: Sequence[str] = (),
    ) -> Pipes:
        """Get a confined worker that serves `stage_dir`. Arguments as in `Policy`.

        Raises:
            GraderFault: the parent is gone or could not fork.
        """
        self._wait_ready()
        request_read, request_write = os.pipe()
        reply_read, reply_write = os.pipe()
        message = {
            "do": "fork",
            "stage_dir": str(stage_dir),
            "readable": list(readable),
            "devices": list(devices),
            "limits": asdict(limits),
        }
        try:
            socket.send_fds(
                self._channel, [json.dumps(message).encode()], [request_read, reply_write]
            )
        except OSError as error:
            raise GraderFault(f"the worker's parent process is gone ({error.strerror})") from None
        finally:
            os.close(request_read)
            os.close(reply_write)
        answer = self._receive(("forked", "refused"), START_SECONDS)
        if "refused" in answer:
            raise GraderFault(f"no worker could be started: {answer['refused']}")
        os.set_blocking(request_write, False)
        return Pipes(answer["forked"], request_write, reply_read)

    def end(self, pid: int) -> Exit:
        """Kill a worker's whole process tree, if it still runs, and say how it ended."""
        self._send({"do": "kill", "pid": pid})
        return self.exit_of(pid, EXIT_SECONDS)

    def exit_of(self, pid: int, seconds: float) -> Exit:
        """Wait for a worker's end.

        Raises:
            GraderFault: it did not end in time.
        """
        while pid not in self._exits:
            self._receive(("exited",), seconds)
        return self._exits.pop(pid)

    def close(self) -> None:
        """End the parent and all its workers."""
        self._channel.close()
        try:
            self._process.wait(EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> WarmParent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait_ready(self) -> None:
        if not self._ready:
            self._receive(("ready",), START_SECONDS)
            self._ready = True

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._channel.send(json.dumps(message).encode())
        except OSError as error:
            raise GraderFault(f"the worker's parent process is gone ({error.strerror})") from None

    def _receive(self, wanted: tuple[str, ...], seconds: float) -> dict[str, Any]:
        """The next message that has one of the wanted keys; exits on the way are kept."""
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._channel], [], [], left)[0]:
                raise GraderFault(f"the worker's parent process said no {wanted[0]!r} in time")
            data = self._channel.recv(1 << 16)
            if not data:
                raise GraderFault("the worker's parent process ended unexpectedly")
            message: dict[str, Any] = json.loads(data)
            if "exited" in message:
                ended = Exit(message["status"], message["max_rss_mb"])
                self._exits[message["exited"]] = ended
                self.largest_mb = max(self.largest_mb, ended.max_rss_mb)
            if any(key in message for key in wanted):
                return message
