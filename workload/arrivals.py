"""When requests arrive: a rate that drifts, or bursts between silences.

Neither is a Poisson process of one rate: over a minute, real counts vary 20 to 160 times as much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workload.quantiles import QuantileTable
from workload.ranks import follow, slow_noise, spread
from workload.trace import Floats


@dataclass(frozen=True)
class Drifting:
    """A Poisson process whose rate changes each minute: `per_minute` requests, then round again."""

    per_minute: tuple[float, ...]

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Give `count` arrivals, rising, in seconds from 0.

        Given their number, arrivals of a Poisson process are independent draws from its rate. So
        the trace ends when the profile has brought `count` requests, and its rate is the profile's.
        """
        profile = np.array(self.per_minute)
        rounds = int(np.ceil(count / profile.sum())) + 1
        brought = np.concatenate([[0.0], np.cumsum(np.tile(profile, rounds))])
        minutes = np.arange(len(brought))
        return np.sort(np.interp(rng.random(count) * count, brought, minutes)) * 60.0


@dataclass(frozen=True)
class Bursts:
    """Bursts of requests (ON) between silences (OFF).

    `sizes` counts the requests of a burst, `silences` and `gaps` are seconds between two bursts and
    inside one. `tempo` is the share of a gap's variation that neighbours have in common, for
    `memory` requests: a burst has its fast and its slow stretches.
    """

    sizes: QuantileTable
    silences: QuantileTable
    gaps: QuantileTable
    mean_size: float
    mean_silence: float
    tempo: float
    memory: float

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Give `count` arrivals, rising, in seconds from 0."""
        starts = self._starts(count, rng)
        slow = np.sqrt(self.tempo) * slow_noise(count, self.memory, rng)
        own = np.sqrt(1 - self.tempo) * rng.standard_normal(count)
        gaps = self.gaps.at(follow(slow + own, rng))
        silences = self.silences.at(spread(len(starts), rng))
        if len(starts):
            silences *= self.mean_silence / silences.mean()
        gaps[starts] = silences
        gaps[0] = 0.0
        return np.cumsum(gaps)

    def _starts(self, count: int, rng: np.random.Generator) -> list[int]:
        """Give the places of the requests that a silence goes before."""
        bursts = max(1, round(count / self.mean_size))
        sizes = self.sizes.at(spread(bursts, rng))
        ends = np.round(np.cumsum(sizes) * count / sizes.sum()).astype(int)
        return sorted({int(end) for end in ends if 0 < end < count})
