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

from server.channel import Letter, Outbox
from server.engine_api import Output, Served, Stats
from server.errors import ApiError, one_line
from server.job import Job, log_end
from server.metrics import Metrics
from server.sequence import Delta

Result = TypeVar("Result")
Command = Callable[[], None]

# A prompt can take as many steps without a token as it has tokens, times the requests before it.
MOST_STEPS_WITHOUT_TOKEN = 100_000


class EngineThread:
    """Owns the engine, and every unfinished job.

    What a submission's engine raises, whatever it is, ends the service and not the process: every
    request is told, and `failure` says it from then on. `stats` is from after the last step, and
    `step_began`, in `time.monotonic` seconds, from the step under way, if there is one.
    """

    def __init__(self, served: Served, metrics: Metrics) -> None:
        self.served = served
        self.jobs: dict[str, Job] = {}
        self.failure: str | None = None
        self.stats: Stats = served.engine.stats()
        self.step_began: float | None = None
        self._metrics = metrics
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

    def add(self, jobs: list[Job]) -> Future[None]:
        """Have all of these added, or none: the future fails with ApiError if one is refused."""

        def command(thread: EngineThread) -> None:
            if thread.failure is not None:
                raise ApiError(503, f"The engine failed: {thread.failure}", "engine_failed")
            try:
                for job in jobs:
                    thread._add(job)
            except ValueError as error:
                for job in jobs:
                    thread._abort(job.sequence.request_id)
                raise ApiError(400, f"The engine refuses: {error}.", "refused") from error
            except BaseException as error:
                thread._fail(error)
                raise

        return self.call(command)

    def abort(self, request_id: str) -> None:
        """Have a request aborted, if it is not finished. Does not wait."""
        self._commands.put(lambda: self._abort(request_id))

    def abort_all(self) -> None:
        """Have all requests aborted. Does not wait."""
        self._commands.put(self._abort_all)

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
                future.set_exception(ApiError(500, f"The engine failed: {one_line(error)}"))

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
        if idle and self.jobs:
            raise RuntimeError(f"the engine has forgotten {', '.join(self.jobs)}")
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

    def _add(self, job: Job) -> None:
        self.served.engine.add_request(
            job.sequence.request_id,
            job.sequence.prompt,
            self.served.new_params(job.sampling),
            priority=job.priority,
            client=job.client,
        )
        self.jobs[job.sequence.request_id] = job

    def _step(self) -> None:
        self.step_began = time.monotonic()
        outputs = self.served.engine.step()
        self.step_began = None
        self._barren_steps = 0 if outputs else self._barren_steps + 1
        if self._barren_steps > MOST_STEPS_WITHOUT_TOKEN:
            raise RuntimeError(f"{self._barren_steps} steps gave no token, with requests waiting")
        letters: list[Letter] = []
        try:
            for output in outputs:
                letters.append(self._take(output))
        finally:  # who got his last token is told so, whatever comes next
            self.stats = self.served.engine.stats()
            self._outbox.send(letters)

    def _take(self, output: Output) -> Letter:
        job = self.jobs.get(output.request_id)
        if job is None:
            raise RuntimeError(f"step gave tokens of {output.request_id}, which is no request")
        letter = self._news(job, job.sequence.take(output))
        if job.sequence.is_finished and output.finish_reason is None:
            self.served.engine.abort_request(output.request_id)
        return letter

    def _abort(self, request_id: str) -> None:
        job = self.jobs.get(request_id)
        if job is not None:
            self.served.engine.abort_request(request_id)
            self._outbox.send([self._news(job, job.sequence.abort())])

    def _news(self, job: Job, delta: Delta) -> Letter:
        """Count a delta, and make it ready to be sent; forget the job if it was its last."""
        request_id = job.sequence.request_id
        self._metrics.on_delta(request_id, job.channel.arrival, time.monotonic(), delta)
        if delta.finish_reason is not None:
            del self.jobs[request_id]
            log_end(request_id, delta)
        return Letter(job.channel, job.index, delta)

    def _abort_all(self) -> None:
        for request_id in list(self.jobs):
            self._abort(request_id)

    def _stop(self) -> None:
        self._is_stopping = True
        self._abort_all()
        if self.failure is None:
            self.stats = self.served.engine.stats()

    def _fail(self, error: BaseException) -> None:
        self.failure, self.step_began = one_line(error), None
        traceback.print_exception(error, file=sys.stderr)
        told = ApiError(500, f"The engine failed: {self.failure}", "engine_failed")
        self._outbox.send([Letter(job.channel, job.index, told) for job in self.jobs.values()])
        self.jobs.clear()
