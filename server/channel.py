"""The way of a request's deltas from the engine's thread to the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace

from server.errors import ApiError
from server.sequence import Delta


class Channel:
    """Owns what one client has not been sent yet.

    A client that is slower than the engine gets several deltas as one, so that what waits for it
    stays one delta. vLLM does the same (`vllm/v1/engine/output_processor.py`,
    `RequestOutputCollector`).
    """

    def __init__(self, arrival: float) -> None:
        """Make an empty one, on the event loop.

        Args:
            arrival: when the request came, in seconds on the server's clock.
        """
        self.arrival = arrival
        self._ready = asyncio.Event()
        self._next: Delta | ApiError | None = None

    def put(self, delta: Delta | ApiError) -> None:
        """Add what comes next. Called on the event loop."""
        waiting = self._next
        if isinstance(waiting, Delta) and isinstance(delta, Delta):
            delta = replace(delta, text=waiting.text + delta.text)
        self._next = delta
        self._ready.set()

    async def deltas(self) -> AsyncIterator[Delta]:
        """Give what comes, up to the delta with a finish reason.

        Raises:
            ApiError: the engine failed.
        """
        while True:
            await self._ready.wait()
            self._ready.clear()
            delta, self._next = self._next, None
            if isinstance(delta, ApiError):
                raise delta
            if delta is not None:
                yield delta
                if delta.finish_reason is not None:
                    return


class Outbox:
    """Carries deltas over to the event loop: what piles up goes in one callback."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._letters: list[tuple[Channel, Delta | ApiError]] = []

    def send(self, letters: list[tuple[Channel, Delta | ApiError]]) -> None:
        """Hand over a step's deltas. Called in the engine's thread; does not wait."""
        with self._lock:
            is_called = bool(self._letters)
            self._letters += letters
        if letters and not is_called:
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            letters, self._letters = self._letters, []
        for channel, delta in letters:
            channel.put(delta)
