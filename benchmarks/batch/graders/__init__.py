"""The graders that are compared. Each has the same few functions: see `Grader`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.batch.measure import Cost
from benchmarks.batch.submissions import Submission


@dataclass(frozen=True)
class Verdict:
    """What a grader says of one submission.

    Attributes:
        passed: rules; None if there is no result.
        note: what came of it, if it was not simply graded.
    """

    passed: frozenset[str] | None
    note: str = ""


@dataclass(frozen=True)
class Graded:
    """What a grader made of a class."""

    verdicts: Mapping[str, Verdict]
    cost: Cost


class Grader(Protocol):
    """One way to grade the class."""

    title: str

    def prepare(self, place: Path) -> None:
        """Get ready, with all that is not done anew for each class. It is not measured."""
        ...

    def grade(self, submissions: Sequence[Submission], place: Path) -> Graded:
        """Grade a class with an empty folder to work in. Measured from the command on."""
        ...
