"""Run the student's own tests in the worker, against whichever `pagedlab` lies beside them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from autograder.protocol.plain import Json

SECONDS_A_TEST = 2
OPTIONS = ("--noconftest", "--capture=no", "-p", "no:terminal", "-p", "no:cacheprovider")


class Failures:
    """Collects which tests ran and which of them failed."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test; an error in a fixture is a failure of its test."""
        name = report.nodeid.rpartition("/")[2]
        if report.when == "call" or report.failed:
            self.ran.append(name)
        if report.failed:
            self.failed.append(name)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be imported is a failure of its own."""
        if report.failed:
            self.failed.append(report.nodeid.rpartition("/")[2])


def run(stage_dir: str) -> Json:
    """Run `tests/` of the stage's folder; give the names of tests that ran and that failed."""
    sys.path.insert(0, stage_dir)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    failures = Failures()
    tests = str(Path(stage_dir) / "tests")
    options = [*OPTIONS, "-c", os.devnull, "--rootdir", stage_dir, "--assert=plain"]
    pytest.main([tests, *options], plugins=[failures])
    return {"ran": sorted(set(failures.ran)), "failed": sorted(set(failures.failed))}
