"""What measured seconds say. Pure.

Clocks of GPUs rise and fall, and other programs come and go; so the kernel and a reference take
turns, and each is compared with its neighbour in time.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

UNSTEADY = 0.05
"""Spread of the reference, by its median, from which on a measurement is to be repeated."""
RESAMPLED = 1000


@dataclass(frozen=True)
class Turn:
    """Seconds of one chained step of the kernel and of the reference, one right after the other."""

    kernel: float
    reference: float

    @property
    def ratio(self) -> float:
        """The kernel's by the reference's."""
        return self.kernel / self.reference


@dataclass(frozen=True)
class Verdict:
    """What the turns say together.

    Attributes:
        ratio: median of the turns' ratios.
        low, high: where the median would be found in nine of ten measurements like this one.
        bandwidth: share of the bandwidth measured beside it that a step's least bytes make.
        steady: False if the reference itself spread too much.
    """

    ratio: float
    low: float
    high: float
    bandwidth: float
    steady: bool


def seconds_a_step(short: float, long: float, steps: int, more_steps: int) -> float:
    """Seconds of one step from two chains of different length: what every chain costs cancels.

    Raises:
        ValueError: the longer chain took no longer, which no honest work does.
    """
    if more_steps <= steps or long <= short:
        raise ValueError(f"{more_steps} steps took {long:g} s, {steps} took {short:g} s")
    return (long - short) / (more_steps - steps)


def order_of(turns: int, seed: int) -> list[bool]:
    """For each turn whether the kernel goes first: by chance, so that nothing keeps step."""
    chance = random.Random(seed)
    return [chance.random() < 0.5 for _ in range(turns)]


def verdict(turns: Sequence[Turn], least_bytes: int, bandwidth: float, seed: int = 0) -> Verdict:
    """Put turns together.

    Args:
        turns: at least three.
        least_bytes: that a step must move.
        bandwidth: bytes a second of a plain copy, measured in the same run.
        seed: of the resampling.

    Raises:
        ValueError: there are fewer.
    """
    if len(turns) < 3:
        raise ValueError("three turns are the least")
    ratios = [turn.ratio for turn in turns]
    chance = random.Random(seed)
    medians = sorted(
        statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(RESAMPLED)
    )
    fastest = statistics.median(turn.kernel for turn in turns)
    references = sorted(turn.reference for turn in turns)
    quarter = len(references) // 4
    spread = references[-1 - quarter] - references[quarter]
    return Verdict(
        statistics.median(ratios),
        medians[RESAMPLED // 20],
        medians[-1 - RESAMPLED // 20],
        least_bytes / fastest / bandwidth,
        spread <= UNSTEADY * statistics.median(references),
    )


def sets_of(least_bytes: int, cache_bytes: int) -> int:
    """How many batches to go round among, so that four times the L2 cache lies between two uses."""
    return max(1, -(-4 * cache_bytes // max(1, least_bytes)))
