"""A finished run as reports need it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from autograder.rubric.model import Course
from autograder.scoring.events import Header
from autograder.scoring.outcome import Status
from autograder.scoring.result import RuleScore, StageScore

BROKEN = (Status.FAIL, Status.TIMEOUT)
IMPORT_KINDS = ("import", "missing")


def not_here(stage: StageScore) -> list[str]:
    """A line for each reason why rules of a stage could not be decided, with their ids."""
    found: dict[str, list[str]] = {}
    for one in stage.rules:
        if one.status is Status.SKIPPED and one.cause and one.cause.kind == "lane":
            found.setdefault(one.cause.summary, []).append(one.rule.id)
    return [f"{' '.join(ids)}: {why}; other rules have their points" for why, ids in found.items()]


@dataclass(frozen=True)
class Run:
    """One graded submission.

    Attributes:
        seconds: how long grading took.
        before: total of the run before this one, or None.
    """

    course: Course
    header: Header
    stages: tuple[StageScore, ...]
    seconds: float
    before: Decimal | None = None

    @property
    def score(self) -> Decimal:
        """Points of all graded stages."""
        return sum((stage.score for stage in self.stages), Decimal(0))

    @property
    def maximum(self) -> int:
        """Whole points of all graded stages."""
        return sum(stage.maximum for stage in self.stages)

    @property
    def visible(self) -> Decimal:
        """Points that this copy of the suite can give."""
        return sum((stage.visible for stage in self.stages), Decimal(0))

    @property
    def undecided(self) -> Decimal:
        """Points that a grader fault has left open."""
        cells = (cell for stage in self.stages for cell in stage.cells)
        return sum((cell.undecided for cell in cells), Decimal(0))

    @property
    def lanes(self) -> str:
        """Which lanes were there, and why others were not; "" if the stages have none."""
        lanes = self.header.lanes
        here = ", ".join(name for name, why in lanes.items() if not why) or "none" * bool(lanes)
        missing = "; ".join(f"{name}: {why}" for name, why in lanes.items() if why)
        return f"{here} (not here: {missing})" if missing else here

    def rules(self, *statuses: Status) -> list[RuleScore]:
        """Rules with one of the statuses, in rubric order; without any named, all rules."""
        rules = [rule for stage in self.stages for rule in stage.rules]
        return [rule for rule in rules if not statuses or rule.status in statuses]

    @property
    def import_failure(self) -> RuleScore | None:
        """A rule that was blocked because the submission cannot be imported."""
        blocked = self.rules(Status.BLOCKED)
        return next((r for r in blocked if r.cause and r.cause.kind in IMPORT_KINDS), None)

    @property
    def first(self) -> RuleScore | None:
        """The failure to explain in full: the earliest one."""
        broken = self.rules(*BROKEN)
        return self.import_failure or (broken[0] if broken else None)
