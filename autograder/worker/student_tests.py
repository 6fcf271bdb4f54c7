"""Run the student's own tests in the worker, against whichever `pagedlab` lies beside them."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from autograder.protocol.plain import Json

PLUGINS_OFF = ("terminal", "cacheprovider", "faulthandler", "unraisableexception", "doctest")
OPTIONS = (
    *("--noconftest", "--capture=no", "--assert=plain", "-c", os.devnull),
    "--continue-on-collection-errors",
)


LONGEST_REASON = 200
"""Characters of what a test failed with."""


class TimeIsUp(BaseException):
    """The tests have used their CPU time: the one that was running is ended by this."""


class Failures:
    """Collects which tests ran, which of them failed and why, and what CPU time each took."""

    def __init__(self) -> None:
        """Nothing has run yet. Somebody else sets `time_is_up`, and then no test is begun."""
        self.ran: list[str] = []
        self.failed: list[str] = []
        self.reasons: dict[str, str] = {}
        self.seconds: dict[str, float] = {}
        self.stopped_in = ""
        self.time_is_up = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Take a test's time, and stop after it if there is none left."""
        start = time.process_time()
        try:
            return (yield)
        finally:
            name = _below_tests(item.nodeid)
            self.seconds[name] = round(time.process_time() - start, 3)
            if self.time_is_up:
                self.stopped_in = name
                item.session.shouldstop = "their CPU time is used up"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test; an error in a fixture is a failure of its test."""
        name = _below_tests(report.nodeid)
        if report.when == "call" or report.failed:
            self.ran.append(name)
        if report.failed:
            self.failed.append(name)
            self.reasons[name] = _reason(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be imported is a failure of its own."""
        if report.failed:
            name = _below_tests(report.nodeid)
            self.failed.append(name)
            self.reasons[name] = _reason(report)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """What was raised, and where, in one line."""
    crash: Any = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        lines = str(report.longrepr or "").strip().splitlines() or [""]
        return lines[-1].removeprefix("E ").strip()[:LONGEST_REASON]
    said = " ".join(str(crash.message).split())[:LONGEST_REASON]
    return f"{said} ({Path(crash.path).name}:{crash.lineno})"


def _below_tests(nodeid: str) -> str:
    """Without "tests/"; slashes further on belong to a parameter."""
    return nodeid.partition("/")[2]


def run(stage_dir: str, cpu_seconds: float) -> Json:
    """Run `tests/` of the stage's folder; say which tests ran, and how each of them ended.

    Args:
        stage_dir: the folder.
        cpu_seconds: that all tests may use together.
    """
    sys.path.insert(0, stage_dir)
    start, failures = time.process_time(), Failures()
    tests = str(Path(stage_dir) / "tests")
    _end_after(cpu_seconds, failures)
    _pytest([tests, "--rootdir", stage_dir, "--confcutdir", stage_dir], failures)
    signal.setitimer(signal.ITIMER_PROF, 0.0)
    if failures.time_is_up and not failures.stopped_in:
        failures.stopped_in = next(reversed(failures.seconds), "reading the files")
    return {
        "ran": sorted(set(failures.ran)),
        "failed": sorted(set(failures.failed)),
        "reasons": dict(failures.reasons),
        "seconds": dict(failures.seconds),
        "total": round(time.process_time() - start, 3),
        "stopped_in": failures.stopped_in,
    }


def _end_after(cpu_seconds: float, failures: Failures) -> None:
    """Have the test that runs after so many CPU seconds fail."""

    def end(number: int, frame: FrameType | None) -> None:
        failures.time_is_up = True
        raise TimeIsUp("the CPU seconds of all tests are used up")

    signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)


def warm() -> None:
    """Let pytest import what it needs, once, in the warm parent: on a folder without tests."""
    with tempfile.TemporaryDirectory() as empty:
        _pytest([empty, "--rootdir", empty], Failures())


def _pytest(args: list[str], failures: Failures) -> None:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    off = [part for name in PLUGINS_OFF for part in ("-p", f"no:{name}")]
    pytest.main([*args, *OPTIONS, *off], plugins=[failures])
