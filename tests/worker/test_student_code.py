"""The student's own tests and examples, run as in a worker: in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CALL = (
    "import importlib, json, sys; sys.path.insert(0, sys.argv[1]);"
    "module = importlib.import_module(sys.argv[2]); getattr(module, 'warm', lambda: None)();"
    "print(json.dumps(module.run(**json.loads(sys.argv[3]))), file=sys.stderr)"
)

THING = '''
def double(n):
    """Twice as much.

    >>> double(2)
    4
    """
    return 2 * n


def half(n):
    """
    >>> half(4)
    3
    >>> half(2)
    1
    """
    return n // 2


class Box:
    """
    >>> Box().open()
    Traceback (most recent call last):
    ValueError
    """

    def open(self):
        raise ValueError
'''


def called(module: str, **args: Any) -> Any:
    """What the worker would reply."""
    command = [sys.executable, "-B", "-I", "-c", CALL, str(ROOT), module, json.dumps(args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr.splitlines()[-1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pagedlab").mkdir()
    (tmp_path / "pagedlab" / "thing.py").write_text(THING, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    return tmp_path


def run_tests(folder: Path, **files: str) -> tuple[list[str], list[str]]:
    for name, text in files.items():
        (folder / "tests" / f"{name}.py").write_text(text, encoding="utf-8")
    reply = called("autograder.worker.student_tests", stage_dir=str(folder))
    return reply["ran"], reply["failed"]


def test_each_test_is_named_and_each_failure(folder: Path) -> None:
    ran, failed = run_tests(
        folder,
        test_a="""
import pytest
from pagedlab.thing import double

@pytest.fixture
def broken():
    raise ValueError

def test_right(): assert double(2) == 4
def test_wrong(): assert double(2) == 5
def test_exit(): raise SystemExit(0)
def test_fixture(broken): pass
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.parametrize("n", ["a/1", "b/1"])
def test_many(n): assert n == "a/1"
""",
        test_unreadable="def (:",
        test_z="def test_late(): pass",
    )
    assert ran == [
        "test_a.py::test_exit",
        "test_a.py::test_fixture",
        "test_a.py::test_many[a/1]",
        "test_a.py::test_many[b/1]",
        "test_a.py::test_right",
        "test_a.py::test_wrong",
        "test_z.py::test_late",
    ]
    assert failed == [
        "test_a.py::test_exit",
        "test_a.py::test_fixture",
        "test_a.py::test_many[b/1]",
        "test_a.py::test_wrong",
        "test_unreadable.py",
    ]


def test_files_beside_the_tests_change_nothing(folder: Path) -> None:
    (folder / "tests" / "conftest.py").write_text("raise SystemExit(1)\n", encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n", encoding="utf-8")
    assert run_tests(folder, test_a="def test_it(): assert 0") == (
        ["test_a.py::test_it"],
        ["test_a.py::test_it"],
    )


def test_without_tests_nothing_runs(folder: Path) -> None:
    assert run_tests(folder) == ([], [])


def test_examples_are_counted_and_wrong_ones_named(folder: Path) -> None:
    reply = called("autograder.worker.examples", stage_dir=str(folder), modules=["thing"])
    assert reply == {"tried": 4, "failed": ["thing.half"]}


def test_modules_that_are_not_named_are_not_run(folder: Path) -> None:
    (folder / "pagedlab" / "other.py").write_text('"""\n>>> 1\n2\n"""\n', encoding="utf-8")
    reply = called("autograder.worker.examples", stage_dir=str(folder), modules=[])
    assert reply == {"tried": 0, "failed": []}
    reply = called("autograder.worker.examples", stage_dir=str(folder), modules=["other"])
    assert reply == {"tried": 1, "failed": ["other"]}
