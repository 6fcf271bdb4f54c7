"""The one thread that touches the engine: it takes commands, steps, and passes on what came out."""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from server.channel import Channel, Outbox
from server.engine_api import Sampling, Served, Stats
from server.errors import ApiError
from server.metrics import Metrics
from server.protocol import CompletionRequest
from server.sequence import Delta, Sequence

Result = TypeVar("Result")
Command = Callable[[], None]

# A prompt can take as many steps without a token as it has tokens, times the requests before it.
MOST_STEPS_WITHOUT_TOKEN = 100_000


class EngineThread:
    """Owns the engine, and every unfinished sequence.

    What a submission's engine raises, whatever it is, ends the service and not the process: every
    request is told, and `failure` says it from then on.
    """

    def __init__(self, served: Served, metrics: Metrics) -> None:
        self.served = served
        self.sequences: dict[str, Sequence] = {}
        self.failure: str | None = None
        self.stats: Stats = served.engine.stats()
        self._metrics = metrics
        self._channels: dict[str, Channel] = {}
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._is_stopping = False
        self._barren_steps = 0
        # Not waited for at exit: an engine that never returns from a step must not keep us here.
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._outbox: Outbox

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start to serve; deltas go to `loop`."""
        self._outbox = Outbox(loop)
        self._thread.start()

    def stop(self, patience: float) -> Stats | None:
        """Abort everything and end; see `AsyncEngine.stop`."""
        self._commands.put(self._stop)
        self._thread.join(patience)
        return None if self._thread.is_alive() or self.failure else self.stats

    def add(
        self, sequence: Sequence, channel: Channel, sampling: Sampling, request: CompletionRequest
    ) -> Future[None]:
        """Have a request added. The future fails with ApiError if the engine turns it away."""

        def command(thread: EngineThread) -> None:
            if thread.failure is not None:
                raise ApiError(503, f"The engine failed: {thread.failure}", "engine_failed")
            try:
                thread.served.engine.add_request(
                    sequence.request_id,
                    sequence.prompt,
                    thread.served.new_params(sampling),
                    priority=request.priority,
                    client=request.user,
                )
            except ValueError as error:
                raise ApiError(400, f"The engine refuses: {error}.", "refused") from error
            except BaseException as error:
                thread._fail(error)
                raise
            thread.sequences[sequence.request_id] = sequence
            thread._channels[sequence.request_id] = channel

        return self.call(command)

    def abort(self, request_id: str) -> None:
        """Have a request aborted, if it is not finished. Does not wait."""
        self._commands.put(lambda: self._abort(request_id))

    def call(self, look: Callable[[EngineThread], Result]) -> Future[Result]:
        """Have `look` called in the thread, between two steps."""
        future: Future[Result] = Future()

        def command() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(look(self))
            except ApiError as error:
                future.set_exception(error)
            except BaseException as error:
                future.set_exception(ApiError(500, f"The engine failed: {_line(error)}"))

        self._commands.put(command)
        return future

    def _run(self) -> None:
        while not self._is_stopping:
            try:
                self._take_commands()
                if self.failure is None and self.served.engine.has_unfinished_requests():
                    self._step()
            except BaseException as error:  # SystemExit, too: it is a submission's code
                self._fail(error)

    def _take_commands(self) -> None:
        """Carry out what was asked for; wait for it while the engine is idle."""
        idle = self.failure is not None or not self.served.engine.has_unfinished_requests()
        if idle:
            self._commands.get()()
        while not self._is_stopping:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                break
            command()
        if self.failure is None:
            self.stats = self.served.engine.stats()

    def _step(self) -> None:
        outputs = self.served.engine.step()
        self._barren_steps = 0 if outputs else self._barren_steps + 1
        if self._barren_steps > MOST_STEPS_WITHOUT_TOKEN:
            raise RuntimeError(f"{self._barren_steps} steps gave no token, with requests waiting")
        now = time.monotonic()
        sent: list[tuple[Channel, Delta | ApiError]] = []
        for output in outputs:
            if output.request_id not in self.sequences:
                raise RuntimeError(f"step gave tokens of {output.request_id}, which is no request")
            sequence = self.sequences[output.request_id]
            channel = self._channels[output.request_id]
            delta = sequence.take(output)
            self._metrics.on_delta(output.request_id, channel.arrival, now, delta)
            sent.append((channel, delta))
            if sequence.is_finished:
                self._forget(output.request_id)
                if output.finish_reason is None:
                    self.served.engine.abort_request(output.request_id)
        self.stats = self.served.engine.stats()
        self._outbox.send(sent)

    def _abort(self, request_id: str) -> None:
        sequence = self.sequences.get(request_id)
        if sequence is not None and self.failure is None:
            self.served.engine.abort_request(request_id)
            channel = self._channels[request_id]
            delta = sequence.abort()
            self._metrics.on_delta(request_id, channel.arrival, time.monotonic(), delta)
            self._forget(request_id)
            self._outbox.send([(channel, delta)])

    def _stop(self) -> None:
        self._is_stopping = True
        for request_id in list(self.sequences):
            self._abort(request_id)
        if self.failure is None:
            self.stats = self.served.engine.stats()

    def _fail(self, error: BaseException) -> None:
        self.failure = _line(error)
        traceback.print_exception(error, file=sys.stderr)
        told = ApiError(500, f"The engine failed: {self.failure}", "engine_failed")
        self._outbox.send([(channel, told) for channel in self._channels.values()])
        self.sequences.clear()
        self._channels.clear()

    def _forget(self, request_id: str) -> None:
        del self.sequences[request_id], self._channels[request_id]


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
