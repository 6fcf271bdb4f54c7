"""The largest rate of arrivals that keeps a promise, found by halving. No server in here."""

from __future__ import annotations

import math
from collections.abc import Callable

LOWER = 1.6
"""How far the interval is moved down at a time, if the promise is broken at both ends."""


def largest_rate(
    strain: Callable[[float], float], low: float, high: float, halvings: int = 2
) -> float:
    """Find the rate at which a strain reaches 1.

    Args:
        strain: at a rate: at most 1 if the promise is kept. It should rise with the rate; noise
            moves the answer by no more than the last interval.
        low: a rate, above 0, that should keep the promise.
        high: the greatest rate to be considered.
        halvings: of the interval, in the logarithm.

    Returns:
        `high` if it keeps the promise; else the rate, interpolated between the greatest one seen to
        keep the promise and the smallest one above it seen to break it.

    Raises:
        ValueError: the promise is broken even at a hundredth of `low`.
    """
    below, above = (low, strain(low)), (high, strain(high))
    if above[1] <= 1:
        return high
    while below[1] > 1:
        above, below = below, _seen(strain, below[0] / LOWER)
        if below[0] < low / 100:
            raise ValueError(f"the promise is broken at {below[0]:.3g} requests a second")
    for _ in range(halvings):
        middle = _seen(strain, math.sqrt(below[0] * above[0]))
        below, above = (middle, above) if middle[1] <= 1 else (below, middle)
    return _where_one(below, above)


def _seen(strain: Callable[[float], float], rate: float) -> tuple[float, float]:
    return rate, strain(rate)


def _where_one(below: tuple[float, float], above: tuple[float, float]) -> float:
    """Interpolate, in the logarithm of both, where the strain is 1."""
    share = -math.log(below[1]) / math.log(above[1] / below[1])
    return below[0] * math.exp(share * math.log(above[0] / below[0]))
