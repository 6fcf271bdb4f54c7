"""How long prompts and outputs are, and how that drifts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workload.quantiles import QuantileTable
from workload.ranks import follow, normal_scores
from workload.trace import Floats, Ints

PERIOD = 300.0
"""Seconds for which the mix of lengths stays the same."""


@dataclass(frozen=True)
class Lengths:
    """A distribution of lengths in tokens, and the mean normal score of each PERIOD, in turn.

    A score of 0.4 means: in these five minutes the typical request is longer than 66 % of all.
    """

    table: QuantileTable
    drift: tuple[float, ...] = (0.0,)

    def draw(self, arrivals: Floats, rng: np.random.Generator) -> Ints:
        """Give one length for each arrival: all together they are distributed as the table."""
        means = np.array(self.drift)
        now = means[(arrivals // PERIOD).astype(np.int64) % len(means)]
        own = np.sqrt(max(0.0, 1 - float(means.var()))) * rng.standard_normal(len(arrivals))
        return as_tokens(self.table.at(follow(now + own, rng)))


def mean_scores(arrivals: Floats, tokens: Ints) -> list[float]:
    """Give the mean normal score of the lengths in each PERIOD, by which a drift is told."""
    scores = normal_scores(tokens.astype(np.float64))
    period = (arrivals // PERIOD).astype(np.int64)
    present = range(int(period.max()) + 1)
    return [float(scores[period == at].mean()) if (period == at).any() else 0.0 for at in present]


def as_tokens(lengths: Floats) -> Ints:
    """Round to whole tokens, at least one."""
    return np.maximum(1, np.round(lengths)).astype(np.int64)
