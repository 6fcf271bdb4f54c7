"""What a checker finds, and how findings become the outcome of a rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from autograder.scoring.outcome import Cause, Outcome, Status

MOST_NOTES = 40
MOST_CHARACTERS = 240


class CheckerFault(Exception):
    """A checker is missing, broke down or did not finish. Never the student's fault."""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to mend in one place.

    Attributes:
        file: name of the student's module, such as "block_pool.py".
        line: 1-based; 0 when the whole file is meant.
        code: a checker's own code such as "C901", or a short word of ours.
        message: what is wrong.
        fix: what to do about it, or "".
    """

    file: str
    line: int
    code: str
    message: str
    fix: str = ""

    @property
    def place(self) -> str:
        """Where it is, as "file.py:line"."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def text(self) -> str:
        """One printable line for the report, whatever the student's file held."""
        line = f"{self.place} {self.code} {self.message}"
        line += f"  fix: {self.fix}" if self.fix else ""
        clean = "".join(char if char.isprintable() else "?" for char in line)
        return clean if len(clean) <= MOST_CHARACTERS else clean[: MOST_CHARACTERS - 3] + "..."


@dataclass(frozen=True)
class Grade:
    """What one check gave.

    Attributes:
        share: earned part of the rule's points.
        summary: one sentence that says how the share came about.
        findings: everything found, in no particular order.
        commands: what a student can run to see or mend the findings.
    """

    share: Fraction
    summary: str
    findings: tuple[Finding, ...] = ()
    commands: tuple[str, ...] = ()


def outcome_of(rule: str, grade: Grade) -> Outcome:
    """The outcome of a rule: pass with the full share, else fail with every finding named."""
    if grade.share == 1:
        return Outcome(rule, Status.PASS, Fraction(1))
    findings = sorted(set(grade.findings))
    cause = Cause(
        summary=grade.summary,
        kind="finding",
        place=findings[0].place if findings else "",
        notes=(*_lines(findings), *(f"run: {command}" for command in grade.commands)),
    )
    return Outcome(rule, Status.FAIL, grade.share, cause=cause)


def fault_of(rule: str, reason: str) -> Outcome:
    """The outcome of a rule that the grader could not check: no points are decided by it."""
    return Outcome(rule, Status.ERROR, cause=Cause(summary=reason, kind="grader"))


def _lines(findings: Iterable[Finding]) -> list[str]:
    lines = [finding.text() for finding in findings]
    hidden = len(lines) - MOST_NOTES
    return lines if hidden <= 0 else [*lines[:MOST_NOTES], f"... and {hidden} more"]
