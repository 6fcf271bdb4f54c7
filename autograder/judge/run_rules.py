"""Run a stage's rule tests with pytest, from the grader's own configuration alone."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import pytest

from autograder.judge.faults import GraderFault
from autograder.judge.plugin import GradingPlugin, Record
from autograder.judge.session import Session
from autograder.judge.stage_package import import_stage

PLUGINS_OFF = ("terminal", "cacheprovider", "faulthandler", "debugging", "unraisableexception")
"""The last one collects garbage many times over at a session's end: a fifth of what one costs."""
QUIET = ("--capture=no", *(part for name in PLUGINS_OFF for part in ("-p", f"no:{name}")))
OWN = ("--noconftest", "--import-mode=importlib", "-c", os.devnull)


def run_rules(session: Session, wanted: Collection[str], record: Record) -> None:
    """Decide the wanted rules that have a test; `record` gets an outcome for each as it falls.

    Raises:
        GraderFault: the tests could not be collected or run.
    """
    import_stage(session.stage)
    folder = session.stage.folder
    files = [str(file) for name in ("public", "hidden") for file in _tests(folder / name)]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    plugin = GradingPlugin(session, wanted, record)
    try:
        # Modules are named by their path below this: two stages may have files of one name.
        # Without a border pytest lists every folder from the file system's root on down.
        root = ["--rootdir", str(folder.parent), "--confcutdir", str(folder.parent)]
        code = pytest.main([*files, *QUIET, *OWN, *root], plugins=[plugin])
    finally:
        plugin.close()
    if plugin.interrupted:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise GraderFault(f"the tests of stage {session.stage.id} did not run (pytest: {code!r})")


def _tests(folder: Path) -> list[Path]:
    return sorted(folder.glob("test_*.py"))
