"""What a waiting instructor sees: one live line on a terminal, a line now and then in a file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TextIO

from autograder.batch.run.pace import Pace
from autograder.batch.run.task import Task

BAR = 24


class Display:
    """Tells how far a batch is, and when it is likely to be through."""

    def __init__(self, stream: TextIO, tasks: Collection[Task], slots: int) -> None:
        """Nothing is through yet; so many tasks are worked at at once."""
        self._stream, self._total = stream, len(tasks)
        self._live = stream.isatty()
        self._pace = Pace(tasks, slots)
        self._done = 0

    def stage(self, task: Task, number: int, seconds: float) -> None:
        """A stage of a task is through."""
        self._pace.stage(task, number, seconds)

    def ended(self, task: Task, text: str = "") -> None:
        """One more is through; `text` says what was wrong with it."""
        self._done += 1
        self._pace.ended(task)
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
        seconds = self._pace.seconds_left
        return "" if seconds is None else f"   ETA {shown_seconds(seconds)}"


def shown_seconds(seconds: float) -> str:
    """Minutes and seconds, and hours if there are any."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
