"""One operation's error is that operation's alone, and is told in plain words."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from autograder.program.model import Observation
from autograder.protocol.plain import Json, decode, encode
from autograder.worker.driver import Undefined
from autograder.worker.execute import TEXT_LIMIT, describe_error, in_student_package, run_program
from autograder.worker.serve import Worker


class OutOfThings(Exception):
    pass


class OutOfEverything(OutOfThings):
    pass


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise SystemExit("not even my text")


class Driver:
    """Raises what it is told to raise; counts what it was asked."""

    ERRORS = ("OutOfThings", "ValueError")

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self.done = 0
        self.blind: BaseException | None = None

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        self.done += 1
        if name == "raise":
            raise args["error"]
        if name == "recurse":
            return self.apply(name, args, binds)
        if name == "blind":
            self.blind = args["error"]
        return [name, binds]

    def observe(self) -> Mapping[str, Json]:
        if self.blind:
            raise self.blind
        return {"done": self.done}


def run(*ops: tuple[str, BaseException | None]) -> list[Observation]:
    wire = [{"name": name, "args": {"error": error}, "binds": "a"} for name, error in ops]
    replies = run_program(Driver({}), cast(Any, wire))
    return [Observation.from_json(decode(encode(reply))) for reply in replies]


@pytest.mark.parametrize(
    "error",
    [
        SystemExit(0),
        KeyboardInterrupt(),
        GeneratorExit(),
        MemoryError(),
        StopIteration(1),
        BaseExceptionGroup("many", [ValueError(), SystemExit()]),
        pytest.skip.Exception("skip me"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_is_raised_ends_one_operation_alone(error: BaseException) -> None:
    before, failed, after = run(("fine", None), ("raise", error), ("fine", None))
    assert failed.error == type(error).__name__
    assert (before.error, after.error) == ("", "")
    assert after.result == ["fine", "a"]


def test_bottomless_recursion_ends_one_operation_alone() -> None:
    failed, after = run(("recurse", None), ("fine", None))
    assert failed.error == "RecursionError"
    assert after.error == ""


def test_every_operation_is_observed_even_if_it_raised() -> None:
    first, second = run(("raise", ValueError("no")), ("fine", None))
    assert (first.state, second.state) == ({"done": 1}, {"done": 2})
    assert (first.error, first.message, first.result) == ("ValueError", "no", None)


def test_an_operation_on_what_never_came_to_be_is_skipped() -> None:
    (seen,) = run(("raise", Undefined("a[0]")))
    assert seen.skipped and not seen.error


def test_a_known_error_stands_for_what_is_derived_from_it() -> None:
    (seen,) = run(("raise", OutOfEverything("gone")))
    assert (seen.error, seen.message) == ("OutOfThings", "gone")
    (seen,) = run(("raise", UnicodeError("odd")))
    assert seen.error == "ValueError"


def test_an_unknown_error_keeps_its_own_name() -> None:
    (seen,) = run(("raise", ZeroDivisionError("by zero")))
    assert seen.error == "ZeroDivisionError"
    assert describe_error(OutOfEverything())["error"] == "OutOfEverything"


def test_an_error_that_cannot_be_put_into_words_has_none() -> None:
    (seen,) = run(("raise", Unspeakable()))
    assert (seen.error, seen.message) == ("Unspeakable", "")


def test_half_a_character_in_a_text_can_be_told() -> None:
    (seen,) = run(("raise", OutOfThings("a\ud800b")))
    assert seen.message == "a?b"


def test_texts_are_cut() -> None:
    long_name = type("E" * 1000, (Exception,), {})
    (seen,) = run(("raise", long_name("x" * 10_000)))
    assert len(seen.message) == TEXT_LIMIT
    assert len(seen.error) == 80


@pytest.mark.parametrize("error", [ValueError("blind"), SystemExit(1), RecursionError()])
def test_a_state_that_cannot_be_read_is_an_error_of_the_operation(error: BaseException) -> None:
    first, second = run(("blind", error), ("fine", None))
    for seen in (first, second):
        assert seen.error == type(error).__name__
        assert seen.state == {"unreadable": True}


def test_an_operations_own_error_comes_before_that_of_its_state() -> None:
    *_, seen = run(("blind", ValueError("blind")), ("raise", OutOfThings("mine")))
    assert (seen.error, seen.message) == ("OutOfThings", "mine")
    assert seen.state == {"unreadable": True}


# ---- where it was raised -------------------------------------------------------------------------

SUBMISSION = """
def fails(how):
    helper(how)

def helper(how):
    [].index(how)

def calls(function):
    function()
"""


@pytest.fixture
def student(tmp_path: Path) -> Iterator[ModuleType]:
    (tmp_path / "pagedlab").mkdir()
    (tmp_path / "pagedlab" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "pagedlab" / "thing.py").write_text(SUBMISSION, encoding="utf-8")
    (tmp_path / "pagedlab" / "broken.py").write_text("x = 1\ndef (:\n", encoding="utf-8")
    (tmp_path / "driver.py").write_text("class Driver: ...\n", encoding="utf-8")
    path, before = list(sys.path), _take_package()
    report = Worker(tmp_path).handle("load", {"modules": ["thing", "broken", "absent"]})
    assert isinstance(report, dict)
    assert report["thing"] is None, report
    module = sys.modules["pagedlab.thing"]
    module.report = report  # type: ignore[attr-defined]
    yield module
    sys.path[:] = path
    _take_package()
    sys.modules.update(before)


def _take_package() -> dict[str, ModuleType]:
    """Take a `pagedlab` that other tests imported out of the imported modules."""
    names = [name for name in sys.modules if name.partition(".")[0] == "pagedlab"]
    return {name: sys.modules.pop(name) for name in names}


def test_the_place_is_the_innermost_line_of_the_submission(student: ModuleType) -> None:
    with pytest.raises(ValueError) as raised:
        student.fails(3)
    assert describe_error(raised.value)["place"] == "pagedlab/thing.py:6, helper"


def test_the_place_is_inside_the_submission_even_if_other_code_raised(student: ModuleType) -> None:
    def ours() -> None:
        raise KeyError("deep in the library")

    with pytest.raises(KeyError) as raised:
        student.calls(ours)
    assert describe_error(raised.value)["place"] == "pagedlab/thing.py:9, calls"


@pytest.mark.parametrize(
    ("file", "theirs"),
    [
        ("/tmp/stage1/pagedlab/block_pool.py", True),
        ("/home/me/pagedlab/pagedlab/block_pool.py", True),
        ("/home/me/pagedlab/autograder/worker/serve.py", False),
        ("/home/me/pagedlab/.venv/lib/python3.11/site-packages/torch/_tensor.py", False),
        ("<string>", False),
    ],
)
def test_a_clone_may_be_called_like_the_package(file: str, theirs: bool) -> None:
    assert in_student_package(file) is theirs


def test_an_error_outside_of_the_submission_has_no_place() -> None:
    with pytest.raises(ValueError) as raised:
        [].index(1)
    assert describe_error(raised.value)["place"] == ""


def test_a_module_that_cannot_be_imported_is_told_and_others_are_loaded(
    student: ModuleType,
) -> None:
    report = student.report
    assert report["thing"] is None
    assert report["broken"]["error"] == "SyntaxError"
    assert report["broken"]["place"] == "pagedlab/broken.py:2"
    assert report["absent"]["error"] == "ModuleNotFoundError"
