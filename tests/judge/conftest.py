"""Workers with the machine's own isolation, and a Python that forgets the tiny stage."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from autograder.judge.warm_parent import WarmParent
from autograder.sandbox.isolation import Isolation, probe
from tests.judge.bench import open_folder
from tests.judge.scripted import Make, scripted_judge

FORGOTTEN = ("pagedlab", "stage90", "90_ledger", "stage_driver", "stage_meter")


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """Nothing that a judge or a submission imported here is there for the next test."""
    path, autoload = list(sys.path), os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    yield
    sys.path[:] = path
    if autoload is None:
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)
    for name in [one for one in sys.modules if one.startswith(FORGOTTEN)]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def isolation() -> Isolation:
    """What this machine gives."""
    return probe()


@pytest.fixture(scope="module")
def parent(isolation: Isolation) -> Iterator[WarmParent]:
    """One warm parent for all tests of a file."""
    with WarmParent(isolation) as parent:
        yield parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a test's stage goes."""
    return tmp_path / "90_ledger"


@pytest.fixture
def make(folder: Path) -> Make:
    """Makes the judge of one rule for a submission."""
    return partial(scripted_judge, folder)


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A folder that workers can read."""
    with open_folder() as path:
        yield path
