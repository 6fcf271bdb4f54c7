"""A waiting person is told that work goes on, on a terminal alone."""

from __future__ import annotations

import io

from autograder.cli.progress import LONG, Progress
from autograder.scoring.outcome import Outcome, Status
from tests.cli.conftest import Terminal

PASSED = Outcome("4.1", Status.PASS)


class Clock:
    """Time as a test has it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Seconds since some moment."""
        return self.seconds


def test_each_decided_rule_is_counted() -> None:
    stream = Terminal()
    Progress(stream).step(PASSED)
    assert stream.getvalue().endswith("1 rules decided, last 4.1")


def test_a_rule_that_takes_long_is_told_with_its_seconds() -> None:
    stream, clock = Terminal(), Clock()
    progress = Progress(stream, clock)
    progress.step(PASSED)
    clock.seconds = LONG - 0.1
    progress.tick()
    assert "running" not in stream.getvalue()
    clock.seconds = 37.0
    progress.tick()
    assert stream.getvalue().endswith("last 4.1; the next one has been running for 37 s")


def test_the_line_is_empty_at_the_end() -> None:
    stream = Terminal()
    with Progress(stream) as progress:
        progress.step(PASSED)
    assert stream.getvalue().endswith("\r\x1b[K")


def test_where_nobody_watches_nothing_is_written() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, clock) as progress:
        progress.step(PASSED)
        clock.seconds = 100.0
        progress.tick()
    assert stream.getvalue() == ""
