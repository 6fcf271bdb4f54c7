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
    """

    state: RowState
    final: Decimal | None
    applied: Applied = Applied()
    late: Lateness = Lateness()
    penalty: Decimal = ZERO
    attention: tuple[str, ...] = ()


def grade_of(state: RowState, policy: Policy, adjustments: Collection[Adjustment]) -> Grade:
    """The grade of one row."""
    attention = state.oddities
    if state.needs_attention and state.reason:
        attention = (state.reason, *attention)
    if state.run is None or state.status is not RowStatus.GRADED:
        missing = state.status is RowStatus.NONE and policy.missing_is_zero
        return Grade(state, ZERO if missing else None, attention=attention)
    applied = apply(adjustments, state.row.key, worth_of(state.run))
    entry = state.row.entry
    at, hint = (entry.submitted_at, entry.late) if entry else ("", None)
    late = lateness(state.row.key, at, hint, policy)
    adjusted = state.run.score + applied.points
    penalty = late.penalty(adjusted, policy)
    attention += applied.stale + ((late.unknown,) if late.unknown else ())
    final = None if late.unknown else max(ZERO, adjusted - penalty)
    return Grade(state, final, applied, late, penalty, attention)


def worth_of(run: Run) -> dict[str, tuple[Decimal, Decimal]]:
    """By item that can be adjusted: its points, and the most that it can be worth."""
    worth = {"total": (run.score, Decimal(run.maximum))}
    for stage in run.stages:
        worth[str(stage.stage.id)] = stage.score, Decimal(stage.maximum)
        for rule in stage.rules:
            worth[rule.rule.id] = hundredths(rule.points), hundredths(rule.maximum)
    return worth
