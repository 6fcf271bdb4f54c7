"""A line on stderr that tells a waiting person what is going on. Nothing where nobody watches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TextIO

from autograder.scoring.outcome import Outcome

LONG = 3.0
"""Seconds without a decided rule after which the line says how long it has been."""


class Progress:
    """Rewrites one line of a terminal. Use it in `with`, so that it also counts what takes long."""

    def __init__(self, stream: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        """Show nothing yet.

        Args:
            stream: where to; nothing is written if it is no terminal.
            now: a clock, in seconds.
        """
        self._stream = stream
        self._live = stream.isatty()
        self._now = now
        self._since = now()
        self._done, self._last = 0, ""
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._count, daemon=True)

    def __enter__(self) -> Progress:
        if self._live:
            self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._ticker.ident is not None:
            self._ticker.join()
        self.clear()

    def step(self, outcome: Outcome) -> None:
        """Show one more decided rule."""
        self._done, self._last, self._since = self._done + 1, outcome.rule, self._now()
        self._show("")

    def tick(self) -> None:
        """Say how long the next rule has been taking, if it is long."""
        seconds = self._now() - self._since
        if seconds >= LONG:
            self._show(f"; the next one has been running for {seconds:.0f} s")

    def clear(self) -> None:
        """Leave the line empty."""
        self._write("")

    def _show(self, more: str) -> None:
        last = f", last {self._last}" if self._last else ""
        self._write(f"  {self._done} rules decided{last}{more}")

    def _write(self, text: str) -> None:
        if self._live:
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()

    def _count(self) -> None:
        while not self._ended.wait(1.0):
            self.tick()
