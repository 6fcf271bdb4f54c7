"""What a score is made of: rules, cells, stages. Plain data and sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from autograder.rubric.model import Axis, Rule, Stage
from autograder.scoring.outcome import Cause, Status


@dataclass(frozen=True)
class RuleScore:
    """One rule with its points. `maximum` is 0 for a rule whose weight went to the others."""

    rule: Rule
    status: Status
    points: Fraction
    maximum: Fraction
    cause: Cause | None = None
    seconds: float = 0.0
    measured: Mapping[str, float] | None = None
    flag: str = ""
    notes: tuple[str, ...] = ()

    @property
    def undecided(self) -> Fraction:
        """Points that a grader fault has left open."""
        return self.maximum if self.status is Status.ERROR else Fraction(0)


@dataclass(frozen=True)
class CellScore:
    """One axis of one stage, in points with two decimals.

    Attributes:
        maximum: whole points of the cell.
        visible: points that rules of this copy of the rubric can give.
        undecided: points that a grader fault has left open.
    """

    axis: Axis
    score: Decimal
    maximum: int
    visible: Decimal
    undecided: Decimal


@dataclass(frozen=True)
class StageScore:
    """One stage: its cells and its rules, in rubric order."""

    stage: Stage
    cells: tuple[CellScore, ...]
    rules: tuple[RuleScore, ...]

    @property
    def score(self) -> Decimal:
        """Sum of the rounded cells."""
        return sum((cell.score for cell in self.cells), Decimal(0))

    @property
    def maximum(self) -> int:
        """Whole points of the stage."""
        return sum(cell.maximum for cell in self.cells)

    @property
    def visible(self) -> Decimal:
        """Points that this copy of the rubric can give."""
        return sum((cell.visible for cell in self.cells), Decimal(0))


def hundredths(points: Fraction) -> Decimal:
    """Round half up to 0.01."""
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
