"""What one check found: the only thing that checks hand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        name: what was looked at; unique in a report.
        status: ok; warn = works, but worse than it could; fail = what needs it cannot be graded.
        says: what was found, in plain words.
        do: what to do about it, in one line; empty when there is nothing to do.
    """

    name: str
    status: Status
    says: str
    do: str = ""


def guarded(name: str, check: Callable[[], Finding]) -> Finding:
    """Runs a check; one that crashes becomes a finding about the grader, not about the machine."""
    try:
        return check()
    except Exception as error:  # whatever it is, the other checks go on
        return Finding(
            name,
            "fail",
            f"this check itself broke down ({type(error).__name__}: {error})",
            "the fault is the grader's, not yours: send this line to your instructor",
        )
