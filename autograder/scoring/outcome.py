"""What grading one rule gave. The unit of the event log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

LONGEST_TEXT = 600
"""Characters of any one text in a cause."""


class Status(StrEnum):
    """Each is a different word in every report. Only `ERROR` is the grader's fault."""

    PASS = "pass"
    FAIL = "fail"
    TIMEOUT = "timeout"
    NOT_ATTEMPTED = "not_attempted"
    BLOCKED = "blocked"
    SKIPPED = "skipped"
    ERROR = "error"


class Binding(StrEnum):
    """What stands below the stage: stand-ins for earlier stages, or the student's own."""

    ISOLATED = "isolated"
    INTEGRATED = "integrated"


@dataclass(frozen=True)
class Cause:
    """Why a rule did not pass, in the terms of the handout.

    Attributes:
        summary: one sentence.
        kind: "violation", "exception", "crash", "timeout", "memory", "protocol", "import",
            "missing", "not_attempted", "requires", "finding", "budget", "lane" or "grader".
        invariant: id of the broken invariant, or "".
        program: the shortest program that shows it, one statement a line, ready to paste.
        failing_line: index in `program` of the statement that went wrong, or -1.
        expected: what the contract asks at that statement.
        observed: what the submission did.
        place: "file.py:line, function" in the submission, or "".
        notes: further lines for the report, such as findings of a checker.
        imports: lines to paste before `program`.
    """

    summary: str
    kind: str
    invariant: str = ""
    program: tuple[str, ...] = ()
    failing_line: int = -1
    expected: str = ""
    observed: str = ""
    place: str = ""
    notes: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()

    def printable(self) -> Cause:
        """The same with every text short and printable, whatever the submission put in it."""
        return replace(
            self,
            summary=_printable(self.summary),
            program=tuple(map(_printable, self.program)),
            expected=_printable(self.expected),
            observed=_printable(self.observed),
            place=_printable(self.place),
            notes=tuple(map(_printable, self.notes)),
        )


@dataclass(frozen=True)
class Outcome:
    """The result of one rule under one binding.

    Attributes:
        share: earned part of the rule's points, 0 ... 1. Performance rules leave it at 0 and
            record `measured["cost"]`; the score derives the share from the anchors.
        measured: numbers worth keeping, by name.
        notes: lines that reports show with the rule, whatever its status. They decide nothing.
    """

    rule: str
    status: Status
    share: Fraction = Fraction(0)
    binding: Binding = Binding.ISOLATED
    cause: Cause | None = None
    seconds: float = 0.0
    measured: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def printable(self) -> Outcome:
        """The same with every text short and printable, whatever the submission put in it."""
        cause = self.cause.printable() if self.cause else None
        return replace(self, cause=cause, notes=tuple(map(_printable, self.notes)))


def _printable(text: str) -> str:
    shown = "".join(
        char if char.isprintable() else " " if char.isspace() else "?"
        for char in text[:LONGEST_TEXT]
    )
    return shown if len(text) <= LONGEST_TEXT else f"{shown} ..."
