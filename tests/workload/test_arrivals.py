"""Arrivals, and the statistics that tell a Poisson process from what production sends."""

from __future__ import annotations

import numpy as np
import pytest

from workload.arrivals import Bursts, Drifting
from workload.mixtures import lognormal
from workload.statistics import busiest_share, counts, dispersion, gap_cv, ks_distance


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_one_rate_is_a_poisson_process() -> None:
    arrivals = Drifting((300.0,)).draw(60_000, rng())
    assert gap_cv(arrivals) == pytest.approx(1, abs=0.03)
    assert all(dispersion(arrivals, w) == pytest.approx(1, abs=0.25) for w in (1, 10, 60))


def test_the_profile_is_met_minute_by_minute_and_goes_round() -> None:
    arrivals = Drifting((60.0, 600.0)).draw(6600, rng())
    per_minute = counts(arrivals - arrivals[0] % 60, 60)
    assert per_minute[0::2].mean() == pytest.approx(60, rel=0.2)
    assert per_minute[1::2].mean() == pytest.approx(600, rel=0.1)
    assert arrivals[-1] / 60 == pytest.approx(20, abs=0.2)
    assert dispersion(arrivals, 60) > 100


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_arrivals_are_as_many_as_asked_for_and_rise(count: int) -> None:
    bursts = Bursts(lognormal(20, 1), lognormal(9, 1), lognormal(0.1, 1), 20, 9, 0.2, 30)
    for process in (Drifting((60.0, 0.0, 3.0)), bursts):
        arrivals = process.draw(count, rng(count))
        assert len(arrivals) == count and arrivals[0] >= 0
        assert (np.diff(arrivals) >= 0).all()


def test_bursts_disperse_far_beyond_poisson_and_tempo_adds_to_it() -> None:
    def drawn(tempo: float) -> float:
        sizes, gaps = lognormal(60, 1.2), lognormal(0.1, 1)
        process = Bursts(sizes, lognormal(20, 1.2), gaps, 60, 20, tempo, 60)
        return float(np.mean([dispersion(process.draw(8000, rng(s)), 1) for s in range(5)]))

    assert 4 < drawn(0.0) < drawn(0.3)


def test_a_constant_stream_disperses_not_at_all() -> None:
    arrivals = np.arange(1000) / 10
    assert gap_cv(arrivals) == pytest.approx(0, abs=1e-9)
    assert dispersion(arrivals + 1e-6, 1) == pytest.approx(0, abs=0.01)
    assert busiest_share(arrivals) == pytest.approx(0.05, abs=0.01)


def test_only_whole_windows_count() -> None:
    assert counts(np.array([0.0, 0.5, 1.0, 2.9, 3.1]), 1).tolist() == [2, 1, 1]
    assert dispersion(np.array([0.0, 0.5]), 60) == 0


def test_ks_distance_is_that_of_the_distribution_functions() -> None:
    one, other = np.array([1, 2, 3, 4]), np.array([3, 4, 5, 6])
    assert ks_distance(one, one) == 0
    assert ks_distance(one, other) == 0.5
    assert ks_distance(one, one + 100) == 1
