"""A submission's `pagedlab` in this process, and what it raises in one line."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from server.errors import one_line

NEEDS = "the server runs on stages 1, 2, 3, 5 and 7"

Result = TypeVar("Result")


class NotServable(Exception):
    """A submission cannot serve. Says in one line what is missing, and where."""


def require(submission: Path, name: str) -> None:
    """Check that a submission has a module.

    Raises:
        NotServable: it has not.
    """
    file = submission / "pagedlab" / f"{name}.py"
    if not file.is_file():
        raise NotServable(f"{file} is not there: {NEEDS}; SUBMISSION=dir names another submission")


def import_module(submission: Path, name: str) -> ModuleType:
    """Import a module of a submission's `pagedlab`. Its code is run in this process, unconfined.

    Args:
        submission: the folder with `pagedlab/` in it; the only one that this process imports from.
        name: of the module.

    Raises:
        NotServable: there is no such file, or it cannot be imported.
    """
    require(submission, name)
    folder = str(submission.resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return attempt(f"import of {name}.py", lambda: importlib.import_module(f"pagedlab.{name}"))


def attempt(what: str, action: Callable[[], Result]) -> Result:
    """Call a submission's code.

    Args:
        what: it does, for the message.
        action: the call.

    Raises:
        NotServable: it raised something; the message names the function that is not written, or
            the place of the error.
    """
    try:
        return action()
    except NotImplementedError as error:
        told = str(error) or f"{_place(error)} raises NotImplementedError"
        raise NotServable(f"{told}: {NEEDS}") from error
    except (Exception, SystemExit) as error:
        raise NotServable(f"{what} failed at {_place(error)}: {one_line(error)}") from error


def _place(error: BaseException) -> str:
    """Where it was raised: file, line and function."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}, {frame.name}"
