"""Run a program in the worker and write down what each operation showed."""

from __future__ import annotations

import traceback
from bdb import BdbQuit
from collections.abc import Mapping
from pathlib import PurePath

from autograder.protocol.plain import Json
from autograder.worker.driver import Driver, Undefined

TEXT_LIMIT = 500
STUDENT_PACKAGE = "pagedlab"


def run_program(driver: Driver, ops: list[Mapping[str, Json]]) -> list[Json]:
    """Apply the operations in order. An error ends only its own operation.

    Returns:
        One observation per operation, in the form that `program.Observation` reads.
    """
    return [_run_op(driver, op) for op in ops]


def _run_op(driver: Driver, op: Mapping[str, Json]) -> Json:
    seen: dict[str, Json] = {
        "result": None,
        "error": "",
        "message": "",
        "place": "",
        "skipped": False,
        "state": {},
    }
    try:
        seen["result"] = driver.apply(str(op["name"]), op["args"], str(op["binds"]))  # type: ignore[arg-type]
    except Undefined:
        seen["skipped"] = True
    except BdbQuit:
        raise  # somebody has left the debugger: there is nothing to be told
    except (
        BaseException
    ) as error:  # noqa: BLE001 - sys.exit and KeyboardInterrupt end one operation
        seen.update(describe_error(error, driver.ERRORS))
    try:
        seen["state"] = driver.observe()
    except BaseException as error:  # noqa: BLE001
        if not seen["error"]:
            seen.update(describe_error(error, driver.ERRORS))
        seen["state"] = {"unreadable": True}
    return seen


def describe_error(error: BaseException, known: tuple[str, ...] = ()) -> dict[str, Json]:
    """Name, message and place of an error, as plain and short text.

    Args:
        error: what was raised.
        known: names of base classes that stand for their subclasses.
    """
    names = [kind.__name__ for kind in type(error).__mro__]
    name = next((name for name in names if name in known), names[0])
    try:
        message = str(error).encode("utf-8", "replace").decode()
    except BaseException:  # noqa: BLE001 - a student's __str__
        message = ""
    return {
        "error": name[:80],
        "message": message[:TEXT_LIMIT],
        "place": _place(error)[:TEXT_LIMIT],
    }


def _place(error: BaseException) -> str:
    """The innermost line of the student's package in the traceback, or ""."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_relative(error.filename)}:{error.lineno}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if in_student_package(frame.filename):
            return f"{_relative(frame.filename)}:{frame.lineno}, {frame.name}"
    return ""


def in_student_package(filename: str) -> bool:
    """True for a file directly in a folder `pagedlab`: students hand in no other.

    Any folder above may have that name, too: a clone of this repository does.
    """
    return PurePath(filename).parent.name == STUDENT_PACKAGE


def _relative(filename: str) -> str:
    path = PurePath(filename)
    return f"{STUDENT_PACKAGE}/{path.name}" if in_student_package(filename) else path.name
