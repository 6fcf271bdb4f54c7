"""Run the student's own tests in the worker, against whichever `pagedlab` lies beside them."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.protocol.plain import Json

PLUGINS_OFF = ("terminal", "cacheprovider", "faulthandler", "unraisableexception", "doctest")
OPTIONS = (
    *("--noconftest", "--capture=no", "--assert=plain", "-c", os.devnull),
    "--continue-on-collection-errors",
)


class Failures:
    """Collects which tests ran and which of them failed."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test; an error in a fixture is a failure of its test."""
        name = _below_tests(report.nodeid)
        if report.when == "call" or report.failed:
            self.ran.append(name)
        if report.failed:
            self.failed.append(name)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be imported is a failure of its own."""
        if report.failed:
            self.failed.append(_below_tests(report.nodeid))


def _below_tests(nodeid: str) -> str:
    """Without "tests/"; slashes further on belong to a parameter."""
    return nodeid.partition("/")[2]


def run(stage_dir: str) -> Json:
    """Run `tests/` of the stage's folder; give the names of tests that ran and that failed."""
    sys.path.insert(0, stage_dir)
    failures = Failures()
    tests = str(Path(stage_dir) / "tests")
    _pytest([tests, "--rootdir", stage_dir, "--confcutdir", stage_dir], failures)
    return {"ran": sorted(set(failures.ran)), "failed": sorted(set(failures.failed))}


def warm() -> None:
    """Let pytest import what it needs, once, in the warm parent: on a folder without tests."""
    with tempfile.TemporaryDirectory() as empty:
        _pytest([empty, "--rootdir", empty], Failures())


def _pytest(args: list[str], failures: Failures) -> None:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    off = [part for name in PLUGINS_OFF for part in ("-p", f"no:{name}")]
    pytest.main([*args, *OPTIONS, *off], plugins=[failures])
