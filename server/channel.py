"""The way of deltas from the engine's thread to the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from server.errors import ApiError
from server.sequence import Delta


class Channel:
    """Owns what one client has not been sent yet, of all its sequences.

    A client that is slower than the engine gets several deltas as one, so that what waits for it
    is one delta a sequence at most. vLLM does the same (`vllm/v1/engine/output_processor.py`,
    `RequestOutputCollector`).
    """

    def __init__(self, num_sequences: int, arrival: float) -> None:
        """Make an empty one, on the event loop.

        Args:
            num_sequences: whose deltas will come.
            arrival: when the client asked, in seconds on the server's clock.
        """
        self.arrival = arrival
        self._num_unfinished = num_sequences
        self._ready = asyncio.Event()
        self._next: dict[int, Delta] = {}
        self._error: ApiError | None = None

    def put(self, index: int, delta: Delta | ApiError) -> None:
        """Add what comes next for a sequence, or an error for all. Called on the event loop."""
        if isinstance(delta, ApiError):
            self._error = delta
        else:
            waiting = self._next.get(index)
            text = waiting.text + delta.text if waiting else delta.text
            self._next[index] = replace(delta, text=text)
        self._ready.set()

    async def deltas(self) -> AsyncIterator[tuple[int, Delta]]:
        """Give deltas with the index of their sequence, until all sequences are finished.

        Raises:
            ApiError: the engine failed.
        """
        while self._num_unfinished:
            await self._ready.wait()
            self._ready.clear()
            deltas, self._next = self._next, {}
            for index, delta in deltas.items():
                self._num_unfinished -= delta.finish_reason is not None
                yield index, delta
            if self._error is not None:
                raise self._error


@dataclass(frozen=True)
class Letter:
    """A delta, or an error, on its way to sequence `index` of a channel."""

    channel: Channel
    index: int
    content: Delta | ApiError


class Outbox:
    """Carries letters over to the event loop: what piles up goes in one callback."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._letters: list[Letter] = []

    def send(self, letters: list[Letter]) -> None:
        """Hand over a step's letters. Called in the engine's thread; does not wait."""
        with self._lock:
            is_called = bool(self._letters)
            self._letters += letters
        if letters and not is_called:
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            letters, self._letters = self._letters, []
        for letter in letters:
            letter.channel.put(letter.index, letter.content)
