"""From a measured cost to the earned share of a performance rule.

    rho = cost(student) / cost(reference)
    share = clip(ln(rho0 / rho) / ln(rho0 / rho1), 0, 1)

Full marks well before parity (rho1), nothing at the naive solution's ratio (rho0), and no extra
for more. A cost is a counted amount, such as bytes, or how counted steps grow with a size; seconds
enter only as a band so coarse that no noise crosses it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from autograder.rubric.model import Anchor

FULL_RATIO = 1.25
NAIVE_CAP = 8.0
TIME_BAND = 32.0
"""Growth in seconds below which time says nothing. Linear work shows a growth of hundreds."""
TOO_GOOD = 0.5
"""A ratio below this is beyond what a correct solution is expected to do: a person must look."""


def cost_of(measured: Mapping[str, float]) -> float:
    """The one number that a measurement comes to: its amount, or its growth."""
    return measured["amount"] if "amount" in measured else growth(measured)


def growth(measured: Mapping[str, float]) -> float:
    """How much dearer the work is at the large size than at the small one; 1.0 is constant.

    Args:
        measured: `steps_small`, `steps_large`, and maybe `seconds_small`, `seconds_large`; all
            above 0.

    Returns:
        The growth in counted steps. If the seconds grow by TIME_BAND or more, work was hidden
        from the counter (inside C, say), and the larger of both growths counts.
    """
    steps = measured["steps_large"] / measured["steps_small"]
    seconds = measured.get("seconds_large", 1.0) / measured.get("seconds_small", 1.0)
    return max(steps, seconds) if seconds >= TIME_BAND else steps


def earned_share(cost: float, anchor: Anchor) -> Fraction:
    """The share of a rule's points that a cost earns, in thousandths."""
    rho = cost / anchor.reference
    rho0 = min(NAIVE_CAP, anchor.naive / anchor.reference)
    share = math.log(rho0 / max(rho, 1e-9)) / math.log(rho0 / FULL_RATIO)
    return Fraction(round(1000 * min(1.0, max(0.0, share))), 1000)


def too_good(measured: Mapping[str, float], anchor: Anchor) -> bool:
    """True if no correct solution could be that cheap: not rewarded, but looked at.

    Args:
        measured: as `cost_of` takes it. `least` is what no solution can fall below; where nobody
            knows it, a ratio to the reference stands in for it.
        anchor: of the rule.
    """
    return cost_of(measured) < measured.get("least", TOO_GOOD * anchor.reference)
