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
    reply = replied(folder, **files)
    return reply["ran"], reply["failed"]


def replied(folder: Path, cpu_seconds: float = 30.0, **files: str) -> dict[str, Any]:
    for name, text in files.items():
        (folder / "tests" / f"{name}.py").write_text(text, encoding="utf-8")
    where: dict[str, Any] = {"stage_dir": str(folder), "cpu_seconds": cpu_seconds}
    reply: dict[str, Any] = called("autograder.worker.student_tests", **where)
    return reply


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


def test_a_failure_says_what_was_raised_and_where(folder: Path) -> None:
    reply = replied(
        folder,
        test_a="def test_it():\n    assert 1 == 2, 'one is not two'\n",
        test_b="import nowhere_at_all\n",
    )
    assert reply["reasons"]["test_a.py::test_it"].endswith("(test_a.py:2)")
    assert "one is not two" in reply["reasons"]["test_a.py::test_it"]
    assert "nowhere_at_all" in reply["reasons"]["test_b.py"]


def test_tests_that_use_up_their_cpu_time_are_stopped_and_the_one_that_ran_is_named(
    folder: Path,
) -> None:
    endless = "def test_a(): pass\ndef test_b():\n    while True: pass\ndef test_c(): pass\n"
    reply = replied(folder, cpu_seconds=0.6, test_a=endless)
    assert reply["stopped_in"] == "test_a.py::test_b"
    assert "test_a.py::test_c" not in reply["ran"]
    assert reply["seconds"]["test_a.py::test_b"] > reply["seconds"]["test_a.py::test_a"]


def test_what_the_tests_cost_is_told_by_test(folder: Path) -> None:
    reply = replied(folder, test_a="def test_a(): pass\n")
    assert reply["stopped_in"] == "" and set(reply["seconds"]) == {"test_a.py::test_a"}
    assert 0 <= reply["seconds"]["test_a.py::test_a"] <= reply["total"]


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
