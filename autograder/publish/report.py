"""A grading as it crosses from the engine's Python to otter's. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SCHEMA = "pagedlab.publish/1"


class BadReport(Exception):
    """What should be a report is none. One line."""


@dataclass(frozen=True)
class Item:
    """One rule and its points, in points with two decimals.

    Attributes:
        shown: what students may read of it: a hidden rule has neither id nor title.
        status: a word of `autograder.scoring.outcome.Status`.
        text: why it did not pass, and what reports show besides; "" for a hidden rule.
        flag: why a person should look at it, or "".
    """

    id: str
    stage: int
    axis: str
    group: str
    title: str
    shown: str
    visible: bool
    status: str
    points: float
    maximum: float
    text: str = ""
    flag: str = ""

    @property
    def undecided(self) -> bool:
        """The grader was at fault: neither earned nor lost."""
        return self.status == "error"


@dataclass(frozen=True)
class Report:
    """One graded submission.

    Attributes:
        score: sum of the cells, each rounded once; items add up to it but for roundings.
        maximum: whole points of the graded stages.
        undecided: points that a grader fault has left open.
        facts: what the run is known by: suite, hashes, seed, isolation.
        notes: what had to be repaired in the delivery.
        refused: why the delivery holds nothing to grade, or "".
    """

    score: float
    maximum: float
    undecided: float
    seconds: float
    facts: Mapping[str, str]
    items: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()
    refused: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data, under the name of its schema."""
        return {"schema": SCHEMA, **asdict(self)}


def from_json(data: Any) -> Report:
    """The inverse of `to_json`.

    Raises:
        BadReport: it is of another form.
    """
    try:
        fields = dict(data)
        if fields.pop("schema") != SCHEMA:
            raise BadReport(f"not of schema {SCHEMA}: zip and plugin are of different versions")
        items = tuple(Item(**item) for item in fields.pop("items"))
        return Report(**{**fields, "items": items, "notes": tuple(fields["notes"])})
    except (KeyError, TypeError, ValueError) as error:
        raise BadReport(f"not a report: {error!r}") from error


def read_report(file: Path) -> Report:
    """Read what the engine wrote.

    Raises:
        BadReport: there is none, or it is no report.
    """
    try:
        return from_json(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BadReport(f"{file.name}: {error}") from error
