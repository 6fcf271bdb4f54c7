"""A line on stderr that tells a waiting person what is going on. Nothing where nobody watches."""

from __future__ import annotations

from typing import TextIO

from autograder.scoring.outcome import Outcome


class Progress:
    """Rewrites one line of a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._done = 0

    def step(self, outcome: Outcome) -> None:
        """Show one more decided rule."""
        self._done += 1
        if self._live:
            self._stream.write(f"\r\x1b[K  {self._done} rules decided, last {outcome.rule}")
            self._stream.flush()

    def clear(self) -> None:
        """Leave the line empty."""
        if self._live:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
