"""The one error of the sandbox, and how operating-system errors become it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

HINT = "grade with a lower isolation, or run the doctor to see what this machine allows"


class SandboxError(Exception):
    """A promised layer could not be entered: a fault of the grader or the machine.

    Args:
        what: the step that failed.
        number: the errno of that step, 0 where there is none.
        hint: what to do about it.

    Attributes:
        reason: the step and its error, without the hint.
        number: the errno.
    """

    def __init__(self, what: str, number: int, hint: str) -> None:
        reason = f" ({os.strerror(number)}, errno {number})" if number else ""
        super().__init__(f"sandbox: {what}{reason}" + (f"; {hint}" if hint else ""))
        self.reason = what + reason
        self.number = number


@contextmanager
def step(what: str) -> Iterator[None]:
    """Turn an operating-system error into one line that names the step."""
    try:
        yield
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        raise SandboxError(what + place, error.errno or 0, HINT) from error
