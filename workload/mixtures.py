"""Distributions that are stated, not fitted: lognormals and mixtures, as quantile tables."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from workload.quantiles import QuantileTable, fit_table

POINTS = 20_000
"""Evenly spaced probabilities that stand for a whole distribution."""


def lognormal(mean: float, sigma: float) -> QuantileTable:
    """Give the table of a lognormal distribution, scaled so that what is drawn has this mean.

    Args:
        mean: of the values themselves, positive.
        sigma: standard deviation of their logarithms.
    """
    normal = NormalDist(math.log(mean) - sigma * sigma / 2, sigma)
    middle = (np.arange(POINTS) + 0.5) / POINTS
    sample = np.exp([normal.inv_cdf(p) for p in middle])
    table = fit_table(sample, 1e-9)
    drawn = float(table.at(middle).mean())
    return QuantileTable(tuple(value * mean / drawn for value in table.values))


def mixture(*parts: tuple[float, QuantileTable]) -> QuantileTable:
    """Give the table of a mixture: a weight and a table for each part."""
    middle = (np.arange(POINTS) + 0.5) / POINTS
    sample = np.concatenate([table.at(middle) for _, table in parts])
    return fit_table(sample, 1e-9, np.repeat([weight for weight, _ in parts], POINTS))
