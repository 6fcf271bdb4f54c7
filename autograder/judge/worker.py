"""One worker as the judge sees it: requests with deadlines, replies that are not trusted."""

from __future__ import annotations

import os
import secrets
import select
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.judge.clock import POLL_SECONDS, Budget, Clock
from autograder.judge.faults import GraderFault, RequestFailed, WorkerEnded
from autograder.judge.warm_parent import WarmParent
from autograder.protocol.frames import pack, read_frame
from autograder.protocol.plain import Json, ProtocolError
from autograder.sandbox.policy import Limits

EXIT_SECONDS = 1.0
"""How long a worker that has closed its pipe may take to end."""


class Worker:
    """A confined process that holds one submission. Unusable after any `WorkerEnded`."""

    def __init__(
        self,
        parent: WarmParent,
        stage_dir: Path,
        limits: Limits,
        readable: Sequence[str] = (),
        devices: Sequence[str] = (),
    ) -> None:
        """Fork it; it gets ready while the judge does other things.

        Raises:
            GraderFault: it could not be started.
        """
        self._parent = parent
        self._pipes = parent.fork(stage_dir, limits, readable, devices)
        self._open = True
        self._confined = False
        self._ping = 0
        self._ping = self.post("call", PING, STARTING)

    def wait_until_confined(self) -> None:
        """Wait until it is confined; before that no student code runs. Any `receive` does it.

        Raises:
            GraderFault: it could not be confined.
        """
        if self._confined:
            return
        self._confined = True
        try:
            self.receive(self._ping, STARTING)
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
        clock = Clock(self._pipes.pid, budget)
        view = memoryview(pack({"id": request_id, "do": do, "args": args}))
        while view:
            try:
                view = view[os.write(self._pipes.write_fd, view[: 1 << 16]) :]
            except BlockingIOError:
                self._wait(clock, write=True)
            except BrokenPipeError:
                self.wait_until_confined()  # if it never was, that is not the student's doing
                raise self._crashed() from None
        return request_id

    def receive(self, request_id: int, budget: Budget) -> Json:
        """Wait for the reply to `post`, at most as long as the budget says. Raises as `request`."""
        self.wait_until_confined()
        clock = Clock(self._pipes.pid, budget)

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

    def _wait(self, clock: Clock, write: bool) -> None:
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
STARTING = Budget(30.0, 60.0, 1 << 34)


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
