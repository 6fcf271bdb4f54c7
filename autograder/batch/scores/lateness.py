"""How late a submission is, and what that costs: from recorded instants, never from a clock."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from autograder.batch.scores.policy import Policy

DAY = timedelta(days=1)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Lateness:
    """What lateness does to one grade.

    Attributes:
        days: begun days after the due date.
        free: of them, without penalty.
        too_late: nothing counts any more.
        unknown: why it cannot be told, or "".
    """

    days: int = 0
    free: int = 0
    too_late: bool = False
    unknown: str = ""

    def penalty(self, points: Decimal, policy: Policy) -> Decimal:
        """Points that are taken away."""
        if self.too_late:
            return points
        percent = min(Decimal(100), (self.days - self.free) * policy.penalty_per_day)
        return (points * percent / 100).quantize(CENT, ROUND_HALF_UP)


def lateness(student: str, submitted_at: str, late: bool | None, policy: Policy) -> Lateness:
    """How late one student is.

    Args:
        student: key of the student, for extensions and late days.
        submitted_at: the recorded instant, ISO 8601 with its offset, or "".
        late: what the source says, if it says only that.
        policy: the due date and what follows from it.
    """
    due = policy.due_for(student)
    if due is None:
        return Lateness()
    instant = policy.submitted.get(student) or _instant(submitted_at)
    if instant is None:
        if policy.unknown_is_on_time and not late:
            return Lateness()
        text = "it was late, and when is not recorded" if late else "when is not recorded"
        return Lateness(unknown=f"{text}: say so under [submitted] in policy.toml")
    over = instant - due
    if over <= timedelta(minutes=policy.grace_minutes):
        return Lateness()
    days = _days(due, instant, policy.zone)
    left = max(0, policy.late_days - policy.late_days_used.get(student, 0))
    too_late = policy.last_day is not None and days > policy.last_day
    return Lateness(days, 0 if too_late else min(days, left), too_late)


def _days(due: datetime, instant: datetime, zone: ZoneInfo | None) -> int:
    """Begun days. On the wall of a zone a day has 23 or 25 hours when its clocks are changed."""
    days = math.ceil((instant - due) / DAY)
    if zone is None:
        return days
    wall = due.astimezone(zone).replace(tzinfo=None)
    ends = (max(1, days - 1), days, days + 1)
    return next(
        number
        for number in ends
        if instant <= (wall + number * DAY).replace(tzinfo=zone) or number == ends[-1]
    )


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
