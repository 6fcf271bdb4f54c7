"""policy.toml: lateness, extensions and dropped rules, decided by people and kept as data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo


class PolicyError(Exception):
    """The policy cannot be used. Says where and why."""


@dataclass(frozen=True)
class Extension:
    """Another due date for one student."""

    due: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class Excused:
    """A student who needs no grade: none is published, whatever was handed in."""

    by: str
    reason: str


@dataclass(frozen=True)
class Dropped:
    """A rule that does not count: everybody gets its points, or the others share them.

    Attributes:
        everyone: True if everybody gets its points.
    """

    rule: str
    everyone: bool
    by: str
    reason: str


@dataclass(frozen=True)
class Policy:
    """What is done with raw points. The default does nothing.

    Attributes:
        due: None if lateness does not matter.
        zone: where days end at the due date's time of day on the wall, also when clocks are
            changed; None where a day is 24 hours.
        grace_minutes: after the due date, in which nothing is late.
        late_days: that a student may use in the term without penalty.
        late_days_used: of them in earlier assignments, by student.
        penalty_per_day: percent of the points, for each late day that is not free.
        last_day: late days after which nothing counts; None if there is no end.
        missing_is_zero: False leaves the grade of who handed in nothing blank.
        unknown_is_on_time: what has no recorded instant counts as on time.
        submitted: instants that the source did not record, by student.
    """

    due: datetime | None = None
    zone: ZoneInfo | None = None
    grace_minutes: int = 0
    late_days: int = 0
    late_days_used: Mapping[str, int] = field(default_factory=dict)
    penalty_per_day: Decimal = Decimal(0)
    last_day: int | None = None
    missing_is_zero: bool = False
    unknown_is_on_time: bool = False
    submitted: Mapping[str, datetime] = field(default_factory=dict)
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    excused: Mapping[str, Excused] = field(default_factory=dict)
    dropped: tuple[Dropped, ...] = ()

    def due_for(self, student: str) -> datetime | None:
        """The due date of one student."""
        extension = self.extensions.get(student)
        return extension.due if extension else self.due

    def of_nobody(self, students: Collection[str]) -> list[str]:
        """What is said of somebody who is not in the class, one text each."""
        said = {
            "an extension": self.extensions,
            "late_days_used": self.late_days_used,
            "submitted": self.submitted,
            "excused": self.excused,
        }
        return [
            f"policy.toml: {what} is of nobody in this class ({key})"
            for what, keys in said.items()
            for key in keys
            if key not in students
        ]
