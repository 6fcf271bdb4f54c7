"""Ranks by interval: who is not better beyond doubt shares a rank. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DIGITS = 6
"""Costs that agree so far are equal: beyond that, only the order of additions differs."""


@dataclass(frozen=True)
class Standing:
    """One place on the board.

    Attributes:
        value: median of what was measured.
        low, high: the least and the most that was measured; equal for a count, which is the same
            in each grading.
        rank: one more than the number of those whose interval is better than all of this one.
        tied: somebody else has the rank.
    """

    name: str
    value: float
    low: float
    high: float
    rank: int = 0
    tied: bool = False


def ranked(measured: Mapping[str, Sequence[float]], less_is_better: bool = True) -> list[Standing]:
    """The places, best first; within a rank by value, then by name.

    Args:
        measured: by name, one value for each grading, at least one.
        less_is_better: as for a cost.
    """
    sign = 1 if less_is_better else -1
    places = [_standing(name, values) for name, values in measured.items()]
    worst = {one.name: max(sign * one.low, sign * one.high) for one in places}
    best = {one.name: min(sign * one.low, sign * one.high) for one in places}
    ranks = {
        one.name: 1 + sum(worst[other.name] < best[one.name] for other in places) for one in places
    }
    shared = list(ranks.values())
    found = [
        Standing(one.name, one.value, one.low, one.high, rank, shared.count(rank) > 1)
        for one in places
        for rank in [ranks[one.name]]
    ]
    return sorted(found, key=lambda one: (one.rank, sign * one.value, one.name))


def _standing(name: str, values: Sequence[float]) -> Standing:
    near = [float(f"{value:.{DIGITS - 1}e}") for value in values]
    return Standing(name, statistics.median(near), min(near), max(near))
