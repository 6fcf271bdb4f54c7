"""One student's grade: raw points, adjustments, lateness. A pure function."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from autograder.batch.run.state import RowState, RowStatus
from autograder.batch.scores.adjustments import Adjustment, Applied, apply
from autograder.batch.scores.lateness import Lateness, lateness
from autograder.batch.scores.policy import Policy
from autograder.report.run import Run
from autograder.scoring.result import hundredths

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Grade:
    """What a student gets, and how it comes about.

    Attributes:
        final: None if there is no grade: that is no zero.
        attention: everything that a person should look at.
        excused: needs no grade, and why.
        maximum: points that all graded stages can give.
    """

    state: RowState
    final: Decimal | None
    applied: Applied = Applied()
    late: Lateness = Lateness()
    penalty: Decimal = ZERO
    attention: tuple[str, ...] = ()
    excused: str = ""
    maximum: int = 0


def grade_of(
    state: RowState, policy: Policy, adjustments: Collection[Adjustment], maximum: int
) -> Grade:
    """The grade of one row.

    Args:
        state: what became of it.
        policy: of the class.
        adjustments: of the class.
        maximum: points that all graded stages can give.
    """
    excused = policy.excused.get(state.row.key)
    if excused:
        text = f"excused by {excused.by}: {excused.reason}"
        return Grade(state, None, excused=text, maximum=maximum)
    attention = state.oddities
    if state.needs_attention and state.reason:
        attention = (state.reason, *attention)
    if state.run is None or state.status is not RowStatus.GRADED:
        return _by_hand(state, policy, adjustments, maximum, attention)
    entry = state.row.entry
    content = entry.content if entry else ""
    applied = apply(adjustments, state.row.key, worth_of(state.run), content)
    at, hint = (entry.submitted_at, entry.late) if entry else ("", None)
    late = lateness(state.row.key, at, hint, policy)
    adjusted = state.run.score + applied.points
    penalty = late.penalty(adjusted, policy)
    attention += applied.stale + ((late.unknown,) if late.unknown else ())
    final = None if late.unknown else max(ZERO, adjusted - penalty)
    return Grade(state, final, applied, late, penalty, attention, maximum=maximum)


def _by_hand(
    state: RowState,
    policy: Policy,
    adjustments: Collection[Adjustment],
    maximum: int,
    attention: tuple[str, ...],
) -> Grade:
    """The grade of a row that has no score: a total that a person has set. It is not late."""
    worth = {"total": (ZERO, Decimal(maximum))}
    applied = apply(adjustments, state.row.key, worth)
    attention += applied.stale
    ours = [one for one in adjustments if one.student == state.row.key]
    given = any(one.item == "total" and one.instead for one in ours)
    final = applied.points if given and not applied.stale else None
    if final is None and state.status is RowStatus.NONE:
        extension = policy.extensions.get(state.row.key)
        if extension:
            attention += (f"nothing was handed in; extension until {extension.due.isoformat()}",)
        elif policy.missing_is_zero:
            final = ZERO
    return Grade(state, final, applied, attention=attention, maximum=maximum)


def worth_of(run: Run) -> dict[str, tuple[Decimal, Decimal]]:
    """By item that can be adjusted: its points, and the most that it can be worth."""
    worth = {"total": (run.score, Decimal(run.maximum))}
    for stage in run.stages:
        worth[str(stage.stage.id)] = stage.score, Decimal(stage.maximum)
        for rule in stage.rules:
            worth[rule.rule.id] = hundredths(rule.points), hundredths(rule.maximum)
    return worth
