"""A parent whose workers reply what a test wants."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

from autograder.judge.clock import Budget
from autograder.judge.warm_parent import Exit, Pipes, WarmParent
from autograder.judge.worker import Worker
from autograder.protocol.frames import pack, read_exactly, read_frame
from autograder.protocol.plain import Json
from autograder.sandbox.policy import Limits

BRIEF = Budget(cpu_seconds=20.0, wall_seconds=0.4, memory_bytes=64 << 20)
AMPLE = Budget(cpu_seconds=20.0, wall_seconds=30.0, memory_bytes=1 << 30)
LIMITS = Limits(memory_bytes=512 << 20, processes=8, cpu_seconds=20)
HONEST = {"result": 1, "error": "", "message": "", "place": "", "skipped": False, "state": {}}


Answer = Callable[[int], bytes]
"""Makes the bytes of a reply; gets the id of the request."""


class FakeParent:
    """Forks a thread that answers pings rightly and everything else as it is told."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.ended: list[int] = []

    def fork(
        self, stage_dir: Path, limits: Limits, readable: object = (), devices: object = ()
    ) -> Pipes:
        request_read, request_write = os.pipe()
        reply_read, reply_write = os.pipe()
        os.set_blocking(request_write, False)
        self._thread = threading.Thread(target=self._serve, args=(request_read, reply_write))
        self._thread.start()
        return Pipes(1 << 30, request_write, reply_read)

    def _serve(self, request_read: int, reply_write: int) -> None:
        try:
            while True:
                request = cast(Any, read_frame(partial(read_exactly, request_read)).message)
                answer = right if request["do"] == "call" else self._answer
                data = memoryview(answer(request["id"]))
                while data:
                    data = data[os.write(reply_write, data[: 1 << 15]) :]
        except (EOFError, BrokenPipeError):
            os.close(request_read)
            os.close(reply_write)

    def end(self, pid: int) -> Exit:
        self.ended.append(pid)
        self._thread.join()
        return Exit(9, 0)

    def exit_of(self, pid: int, seconds: float) -> Exit:
        return Exit(0, 0)


def right(request_id: int) -> bytes:
    return reply(id=request_id, ok=True, value=[1, 2])


def reply(**fields: Json) -> bytes:
    return pack(fields)


def answered(answer: Answer, budget: Budget = AMPLE) -> tuple[Worker, FakeParent]:
    parent = FakeParent(answer)
    return Worker(cast(WarmParent, parent), Path("/"), LIMITS), parent
