"""Uniform numbers that follow an order: dependence added without touching the distribution."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from workload.trace import Floats

_NORMAL = NormalDist()


def spread(count: int, rng: np.random.Generator) -> Floats:
    """Give `count` numbers of (0, 1) in random order, one in each of `count` equal intervals.

    A short sample from a heavy tail then has its share of the tail, whatever the seed.
    """
    return rng.permutation((np.arange(count) + rng.random(count)) / max(1, count))


def follow(scores: Floats, rng: np.random.Generator) -> Floats:
    """Give numbers of (0, 1), one in each equal interval, ranked as the scores are."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores, kind="stable")] = np.arange(len(scores))
    return (ranks + rng.random(len(scores))) / max(1, len(scores))


def normal_scores(sample: Floats) -> Floats:
    """Give each value the normal quantile of its rank; equal ones in a fixed, mixed order."""
    mixed = np.random.default_rng(0).random(len(sample))
    ranks = np.empty(len(sample))
    ranks[np.lexsort((mixed, sample))] = np.arange(len(sample))
    return np.array([_NORMAL.inv_cdf((rank + 0.5) / len(sample)) for rank in ranks])


def slow_noise(count: int, memory: float, rng: np.random.Generator) -> Floats:
    """Give a standard normal series whose correlation falls to 1/e over `memory` entries."""
    keep = float(np.exp(-1 / memory))
    shocks = (rng.standard_normal(count) * np.sqrt(1 - keep * keep)).tolist()
    level = float(rng.standard_normal())
    series = []
    for shock in shocks:
        level = keep * level + shock
        series.append(level)
    return np.array(series)
