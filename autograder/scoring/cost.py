"""What a measured cost earns, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from autograder.rubric.model import Rule, Sizes, Stage
from autograder.scoring.outcome import Cause
from autograder.scoring.performance import (
    FULL_RATIO,
    NAIVE_CAP,
    cost_of,
    earned_share,
    too_good,
)

TOO_GOOD = "cheaper than any correct solution can be: to be looked at"


def by_cost(
    stage: Stage, rule: Rule, measured: Mapping[str, float]
) -> tuple[Fraction, Cause | None, str]:
    """Share, explanation and flag of work that was verified and measured.

    Args:
        stage: has the anchors and the sizes.
        rule: one of its performance rules.
        measured: as `performance.cost_of` takes it.

    Returns:
        The explanation is None where nothing was lost, the flag "" where nothing is odd.
    """
    anchor, cost = stage.anchors[rule.id], cost_of(measured)
    share, flag = earned_share(cost, anchor), TOO_GOOD * too_good(measured, anchor)
    if share == 1:
        return share, None, flag
    full, none = FULL_RATIO * anchor.reference, min(NAIVE_CAP * anchor.reference, anchor.naive)
    if rule.unit:
        summary = f"it costs {_number(cost)} {rule.unit}"
        what, seen = "", f"{_number(cost)} {rule.unit}"
    else:
        summary = f"the cost grows {cost:.3g} times from {_from_to(stage.sizes)}"
        what, seen = "growth ", f"growth {cost:.3g} ({_growth(measured)})"
    expected = (
        f"{what}{_number(anchor.reference)} in the reference; full marks up to {_number(full)},"
        f" none from {_number(none)}"
    )
    return share, Cause(summary, "cost", expected=expected, observed=seen), flag


def _number(value: float) -> str:
    """Three digits of a small number, the whole of a large one: never an exponent."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _from_to(sizes: Sizes) -> str:
    return f"{sizes.small:,} {sizes.of} to {sizes.large:,}"


def _growth(measured: Mapping[str, float]) -> str:
    steps = f"counted steps {measured['steps_small']:.0f} -> {measured['steps_large']:.0f}"
    if "seconds_large" not in measured:
        return f"{steps} or more"
    return f"{steps}; seconds x{measured['seconds_large'] / measured['seconds_small']:.3g}"
