"""Distributions that are stated, not fitted: lognormals and mixtures, as quantile tables."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from workload.quantiles import QuantileTable, fit_table
from workload.trace import Floats

POINTS = 5_000
MIDDLES = (np.arange(POINTS) + 0.5) / POINTS
"""Evenly spaced probabilities that stand for a whole distribution."""


def lognormal(mean: float, sigma: float, most: float = math.inf) -> QuantileTable:
    """Give the table of a lognormal distribution without what is above `most`.

    Args:
        mean: of what is left, positive and well below `most`.
        sigma: standard deviation of the logarithms before anything is cut off.
        most: the largest value.
    """
    scores = np.array([NormalDist().inv_cdf(p) for p in MIDDLES])
    table = _cut(scores, mean, sigma, most)
    median = mean
    for _ in range(40):  # what is cut off lowers the mean, and so does a table's coarse tail
        median *= mean / float(table.at(MIDDLES).mean())
        table = _cut(scores, median, sigma, most)
    return table


def _cut(scores: Floats, median: float, sigma: float, most: float) -> QuantileTable:
    sample = median * np.exp(sigma * scores)
    return fit_table(sample[sample <= most], 1e-9)


def mixture(*parts: tuple[float, QuantileTable]) -> QuantileTable:
    """Give the table of a mixture: a weight and a table for each part."""
    sample = np.concatenate([table.at(MIDDLES) for _, table in parts])
    return fit_table(sample, 1e-9, np.repeat([weight for weight, _ in parts], POINTS))
