"""One worker as the judge sees it: requests with deadlines, replies that are not trusted."""

from __future__ import annotations

import os
import secrets
import select
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.judge.faults import GraderFault, RequestFailed, WorkerEnded
from autograder.judge.usage import tree_cpu_seconds
from autograder.judge.warm_parent import WarmParent
from autograder.protocol.frames import pack, read_frame
from autograder.protocol.plain import Json, ProtocolError
from autograder.sandbox.policy import Limits
from autograder.sandbox.watch import tree_memory_bytes

POLL_SECONDS = 0.05
EXIT_SECONDS = 1.0
"""How long a worker that has closed its pipe may take to end."""


@dataclass(frozen=True)
class Budget:
    """What one request may cost. CPU counts the worker and all its children."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int


class Worker:
    """A confined process that holds one submission. Unusable after any `WorkerEnded`."""

    def __init__(
        self, parent: WarmParent, stage_dir: Path, limits: Limits, readable: Sequence[str] = ()
    ) -> None:
        """Fork it and wait until it is confined; no student code has run yet.

        Raises:
            GraderFault: it could not be started or confined.
        """
        self._parent = parent
        self._pipes = parent.fork(stage_dir, limits, readable)
        self._open = True
        try:
            self.request("call", PING, Budget(30.0, 60.0, 1 << 34))
        except (WorkerEnded, RequestFailed) as error:
            self.close()
            raise GraderFault(f"a worker could not be confined: {error}") from error

    def request(self, do: str, args: Mapping[str, Json], budget: Budget) -> Json:
        """Ask for one thing and wait for the one reply.

        Raises:
            WorkerEnded: crash, timeout, too much memory, or a reply against the protocol. The
                worker has been closed.
            RequestFailed: the worker replied that it failed.
        """
        return self.receive(self.post(do, args, budget), budget)

    def post(self, do: str, args: Mapping[str, Json], budget: Budget) -> int:
        """Send a request without waiting. Give its id to `receive`."""
        request_id = secrets.randbits(48)
        clock = _Clock(self._pipes.pid, budget)
        view = memoryview(pack({"id": request_id, "do": do, "args": args}))
        while view:
            try:
                view = view[os.write(self._pipes.write_fd, view[: 1 << 16]) :]
            except BlockingIOError:
                self._wait(clock, write=True)
            except BrokenPipeError:
                raise self._crashed() from None
        return request_id

    def receive(self, request_id: int, budget: Budget) -> Json:
        """Wait for the reply to `post`, at most as long as the budget says. Raises as `request`."""
        clock = _Clock(self._pipes.pid, budget)

        def read(count: int) -> bytes:
            parts = bytearray()
            while len(parts) < count:
                self._wait(clock, write=False)
                part = os.read(self._pipes.read_fd, min(count - len(parts), 1 << 20))
                if not part:
                    raise self._crashed()
                parts += part
            return bytes(parts)

        try:
            return _value_of(read_frame(read).message, request_id)
        except ProtocolError as error:
            self.close()
            raise WorkerEnded("protocol", f"your code broke the reply: {error}") from None

    def close(self) -> int:
        """Kill everything that is left of it. Gives the wait status; harmless when repeated."""
        if not self._open:
            return 0
        self._open = False
        os.close(self._pipes.write_fd)
        os.close(self._pipes.read_fd)
        return self._parent.end(self._pipes.pid).status

    def _wait(self, clock: _Clock, write: bool) -> None:
        reading = [] if write else [self._pipes.read_fd]
        writing = [self._pipes.write_fd] if write else []
        idle = True
        while idle:
            idle = not any(select.select(reading, writing, [], POLL_SECONDS))
            exceeded = clock.exceeded() if idle else clock.overdue()
            if exceeded:
                self.close()
                raise exceeded

    def _crashed(self) -> WorkerEnded:
        """How a worker ended that has closed its pipe. One that runs on is killed."""
        try:
            status = self._parent.exit_of(self._pipes.pid, EXIT_SECONDS).status
        except GraderFault:
            self.close()
            return WorkerEnded("crash", "your code closed the grader's pipe and ran on")
        self._open = False
        os.close(self._pipes.write_fd)
        os.close(self._pipes.read_fd)
        return WorkerEnded("crash", f"your code ended the process ({_describe(status)})")


PING: Mapping[str, Json] = {"module": "os", "function": "getpid", "args": {}}


class _Clock:
    """The judge's own measure of what a request has cost so far."""

    def __init__(self, pid: int, budget: Budget) -> None:
        self._pid = pid
        self._budget = budget
        self._start = time.monotonic()
        self._cpu_before: float | None = None

    def exceeded(self) -> WorkerEnded | None:
        """The reason to stop, if there is one. Costs a look at /proc."""
        cpu = tree_cpu_seconds(self._pid)
        if self._cpu_before is None:
            self._cpu_before = max(0.0, cpu - POLL_SECONDS)
        budget, memory = self._budget, tree_memory_bytes(self._pid)
        if memory > budget.memory_bytes:
            used = f"{memory >> 20} MB used, {budget.memory_bytes >> 20} MB allowed"
            return WorkerEnded("memory", used)
        if cpu - self._cpu_before > budget.cpu_seconds:
            return WorkerEnded(
                "timeout",
                f"no answer after {budget.cpu_seconds:g} s of CPU time:"
                " an endless loop, or much printing?",
            )
        return self.overdue()

    def overdue(self) -> WorkerEnded | None:
        """The same by the wall clock alone, for a reply that comes in drops. Costs nothing."""
        if time.monotonic() - self._start > self._budget.wall_seconds:
            seconds = f"{self._budget.wall_seconds:g}"
            return WorkerEnded("timeout", f"no answer within {seconds} seconds")
        return None


def _value_of(reply: Json, request_id: int) -> Json:
    if not isinstance(reply, dict) or set(reply) != {"id", "ok", "value"}:
        raise ProtocolError("a reply with other fields than agreed")
    if reply["id"] == -1 and isinstance(reply["value"], dict):
        raise RequestFailed("startup", str(reply["value"].get("startup"))[:500], "")
    if reply["id"] != request_id or type(reply["ok"]) is not bool:
        raise ProtocolError("a reply to something that was not asked")
    value: Json = reply["value"]
    if reply["ok"]:
        return value
    error = value
    if not isinstance(error, dict):
        raise ProtocolError("an error that is no error")
    texts = (str(error.get(key, ""))[:500] for key in ("error", "message", "place"))
    raise RequestFailed(*texts)


def _describe(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        named = number in set(signal.Signals)
        return f"signal {signal.Signals(number).name if named else number}"
    return f"exit status {os.WEXITSTATUS(status)}"
