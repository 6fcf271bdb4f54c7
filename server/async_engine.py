"""The engine between two worlds: one thread steps it, and the event loop talks to that thread.

The loop hands commands over (add, abort, look), which the thread carries out between two steps;
the thread hands deltas back, a step's at once. So the engine needs no lock, and nobody sees it
halfway through a step. Read next in vLLM: `vllm/v1/engine/async_llm.py` (`AsyncLLM`), where the
engine is a process of its own and requests and outputs travel by ZMQ (`vllm/v1/engine/core.py`).
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.channel import Channel
from server.engine_api import Sampling, Served, Stats
from server.engine_thread import EngineThread
from server.errors import ApiError
from server.job import Job
from server.metrics import Metrics
from server.protocol import CompletionRequest
from server.sequence import Delta, Sequence
from server.watching import engine_state

LONGEST_STEP = 10.0  # seconds; an endless loop in a submission is told by it
MOST_CHARACTERS_PER_TOKEN = 16  # on average over a prompt; the shipped tokenizer's longest has 9


class AsyncEngine:
    """Owns the engine's thread. All methods are called on the event loop that `start` ran on."""

    def __init__(self, served: Served, metrics: Metrics, max_requests: int) -> None:
        """Make one that is not running.

        Args:
            served: the engine and its model; nobody else calls it from now on.
            metrics: told of every request's tokens and end.
            max_requests: most unfinished sequences; further ones are turned away.
        """
        self.served = served
        self._max_requests = max_requests
        self._num_requests = 0
        self._numbers = itertools.count()
        self._is_closing = False
        self._thread = EngineThread(served, metrics)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start(asyncio.get_running_loop())

    def abort_all(self) -> None:
        """Abort all requests, which tells their clients, and refuse new ones."""
        self._is_closing = True
        self._thread.abort_all()

    async def stop(self, patience: float) -> Stats | None:
        """Abort what is unfinished and end the thread.

        Args:
            patience: seconds to wait; an engine may be stuck in a step for good.

        Returns:
            Where the engine stood in the end; None if it failed, or did not end in time.
        """
        return await asyncio.to_thread(self._thread.stop, patience)

    def check(self) -> None:
        """Do nothing while the engine works.

        Raises:
            ApiError: status 503: it failed, or is in one step for too long.
        """
        if self._thread.failure is not None:
            raise ApiError(503, f"The engine failed: {self._thread.failure}", "engine_failed")
        began = self._thread.step_began
        if began is not None and time.monotonic() - began > LONGEST_STEP:
            raise _stuck()

    @property
    def stats(self) -> Stats:
        """Where the engine stood after its last step."""
        return self._thread.stats

    async def state(self) -> dict[str, object]:
        """Describe the engine for the page.

        Raises:
            ApiError: status 503: the engine is in one step for too long; 500: it cannot say.
        """
        look = self._thread.call(engine_state)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(look), LONGEST_STEP)
        except TimeoutError:
            raise _stuck() from None

    async def encode(self, request: CompletionRequest) -> list[list[int]]:
        """Give the tokens of every prompt of a request.

        Raises:
            ApiError: the tokenizer does not know a text, or the context is too short for it.
        """
        return [await self._encode(prompt, request.max_tokens) for prompt in request.prompts]

    async def _encode(self, prompt: str | tuple[int, ...], max_tokens: int) -> list[int]:
        longest = self.served.max_model_len
        # Checked before: to split a huge text takes long.
        if len(prompt) > longest * MOST_CHARACTERS_PER_TOKEN:
            message = f"The prompt has a length of {len(prompt)}, far more than the context."
            raise ApiError(400, message, "context_length_exceeded", "prompt")
        if isinstance(prompt, str):
            try:
                encoded = await asyncio.to_thread(self.served.codec.encode, prompt)
            except ValueError as error:
                raise ApiError(422, f"prompt: {error}.", "unknown_text", "prompt") from None
            prompt = (*self.served.before_text, *encoded)
        if len(prompt) + max_tokens > longest:
            message = (
                f"The prompt has {len(prompt)} tokens and {max_tokens} are to follow, "
                f"but the model's context is {longest} tokens."
            )
            raise ApiError(400, message, "context_length_exceeded", "max_tokens")
        return list(prompt)

    @asynccontextmanager
    async def generate(
        self, request: CompletionRequest, prompts: list[list[int]]
    ) -> AsyncIterator[tuple[str, AsyncIterator[tuple[int, Delta]]]]:
        """Run a request inside a `with` block; leaving the block early aborts it.

        Gives the request's id, and deltas with the index of their prompt.

        Raises:
            ApiError: the request is turned away, before anything was generated.
        """
        self._check_admission(len(prompts))
        channel = Channel(len(prompts), time.monotonic())
        jobs = [self._job(request, channel, index, prompt) for index, prompt in enumerate(prompts)]
        self._num_requests += len(jobs)
        try:
            await asyncio.wrap_future(self._thread.add(jobs))
            yield jobs[0].sequence.request_id, channel.deltas()
        finally:
            self._num_requests -= len(jobs)
            for job in jobs:
                self._thread.abort(job.sequence.request_id)

    def _check_admission(self, num_new: int) -> None:
        self.check()
        if self._is_closing:
            raise ApiError(503, "The server is shutting down.", "shutting_down")
        if self._num_requests + num_new > self._max_requests:
            message = f"{self._num_requests} requests are under way already; try again later."
            raise ApiError(429, message, "too_many_requests", headers={"Retry-After": "1"})

    def _job(
        self, request: CompletionRequest, channel: Channel, index: int, prompt: list[int]
    ) -> Job:
        codec, number = self.served.codec, next(self._numbers)
        request_id = f"cmpl-{number}-{uuid.uuid4().hex[:16]}"
        ends = frozenset[int]() if request.ignore_eos else frozenset({self.served.end_token})
        sequence = Sequence(request_id, number, prompt, ends, codec, request.stop)
        seed = random.getrandbits(64) if request.seed is None else request.seed
        sampling = Sampling(request.max_tokens, request.temperature, seed, ends)
        return Job(sequence, channel, index, sampling, request.priority, request.user)


def _stuck() -> ApiError:
    message = f"The engine has been in one step for {LONGEST_STEP:g} seconds."
    return ApiError(503, message, "engine_stuck")
