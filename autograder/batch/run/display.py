"""What a waiting instructor sees: one live line on a terminal, a line now and then in a file."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TextIO

from autograder.batch.run.task import Task

BAR = 24


class Display:
    """Tells how far a batch is, and when it is likely to be through."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self._stream, self._total = stream, total
        self._live = stream.isatty()
        self._start = time.monotonic()
        self._done = 0

    def ended(self, text: str = "") -> None:
        """One more is through; `text` says what was wrong with it."""
        self._done += 1
        if text:
            self.say(text)
        step = max(1, self._total // 10)
        if not self._live and (self._done % step == 0 or self._done == self._total):
            self._stream.write(f"  {self._done}/{self._total}{self._eta()}\n")
            self._stream.flush()

    def tick(self, busy: Sequence[Task]) -> None:
        """Show the line anew."""
        if self._live and self._total:
            filled = BAR * self._done // self._total
            now = " ".join(task.shown for task in busy)
            bar = "#" * filled + "." * (BAR - filled)
            line = f"  {bar} {self._done}/{self._total}{self._eta()}   now: {now}"
            self._stream.write(f"\r\x1b[K{line[:100]}")
            self._stream.flush()

    def say(self, text: str) -> None:
        """A line that stays."""
        self.clear()
        self._stream.write(f"  {text}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the live line away."""
        if self._live:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _eta(self) -> str:
        left = self._total - self._done
        if not self._done or not left:
            return ""
        seconds = (time.monotonic() - self._start) / self._done * left
        return f"   ETA {shown_seconds(seconds)}"


def shown_seconds(seconds: float) -> str:
    """Minutes and seconds, and hours if there are any."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
