"""A distribution as 26 quantiles: small enough to publish, close enough to replay.

One lognormal misses real length distributions by a Kolmogorov-Smirnov distance of 0.06 to 0.2,
because they have several peaks. 26 quantiles, interpolated in the logarithm, stay within 0.04.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workload.trace import Floats

PROBABILITIES = np.array(
    [0, 0.01, *np.linspace(0.05, 0.95, 19), 0.975, 0.99, 0.995, 0.999, 1], dtype=np.float64
)
"""Of the quantiles in every table: each twentieth, and the tails."""


@dataclass(frozen=True)
class QuantileTable:
    """Values at PROBABILITIES, positive and never falling, in the unit of what is sampled."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        values = np.array(self.values)
        if len(values) != len(PROBABILITIES) or values[0] <= 0 or np.any(np.diff(values) < 0):
            raise ValueError(f"{len(PROBABILITIES)} positive values that never fall are needed")

    def at(self, probabilities: Floats) -> Floats:
        """Give the quantile at each probability: the inverse distribution function."""
        return np.exp(np.interp(probabilities, PROBABILITIES, np.log(self.values)))


def fit_table(sample: Floats, least: float, weights: Floats | None = None) -> QuantileTable:
    """Give the table of a sample.

    Args:
        sample: at least one value.
        least: positive; smaller values count as this one.
        weights: how much each value counts; all the same if not given.

    Returns:
        The table, its values rounded to four significant digits.
    """
    order = np.argsort(sample, kind="stable")
    ordered = np.maximum(sample[order], least)
    mass = np.ones(len(sample)) if weights is None else weights[order]
    reached = (np.cumsum(mass) - mass / 2) / mass.sum()
    reached[0], reached[-1] = 0.0, 1.0
    return QuantileTable(tuple(_rounded(x) for x in np.interp(PROBABILITIES, reached, ordered)))


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
