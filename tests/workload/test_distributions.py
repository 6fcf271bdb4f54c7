"""Quantile tables, ranked uniforms, stated distributions."""

from __future__ import annotations

import numpy as np
import pytest

from workload.mixtures import lognormal, mixture
from workload.quantiles import PROBABILITIES, QuantileTable, fit_table
from workload.ranks import follow, normal_scores, slow_noise, spread
from workload.statistics import ks_distance

RNG = np.random.default_rng(5)
DOUBLING = QuantileTable(tuple(float(2**k) for k in range(26)))


def test_a_table_has_26_quantiles_and_interpolates_in_the_logarithm() -> None:
    assert len(PROBABILITIES) == 26
    assert DOUBLING.at(PROBABILITIES) == pytest.approx(np.array(DOUBLING.values))
    between = (PROBABILITIES[:-1] + PROBABILITIES[1:]) / 2
    assert DOUBLING.at(between) == pytest.approx(np.sqrt(2.0) * 2.0 ** np.arange(25))


@pytest.mark.parametrize("values", [(1.0,) * 25, (0.0, *(1.0,) * 25), (2.0, *(1.0,) * 25)])
def test_what_is_no_distribution_is_refused(values: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="26"):
        QuantileTable(values)


def test_a_fitted_table_replays_a_sample_with_two_peaks() -> None:
    sample = np.concatenate([RNG.normal(100, 9, 4000), RNG.normal(400, 20, 2000)])
    drawn = fit_table(sample, 1.0).at(RNG.random(6000))
    assert ks_distance(sample, drawn) < 0.03
    one_lognormal = np.exp(RNG.normal(np.log(sample).mean(), np.log(sample).std(), 6000))
    assert ks_distance(sample, one_lognormal) > 0.15


def test_weights_count_as_repetition() -> None:
    sample = RNG.lognormal(3, 1, 500)
    weights = np.repeat([1, 4], 250)
    weighted = fit_table(sample, 0.1, weights.astype(np.float64)).values
    assert weighted[2:-2] == pytest.approx(
        fit_table(np.repeat(sample, weights), 0.1).values[2:-2], rel=0.03
    )


def test_spread_numbers_have_one_in_each_interval() -> None:
    assert np.sort((spread(50, RNG) * 50).astype(int)).tolist() == list(range(50))
    assert len(spread(0, RNG)) == 0


def test_followed_scores_keep_their_order_and_nothing_else() -> None:
    drawn = follow(np.array([3.0, -1.0, 7.0, 0.0]), RNG)
    assert (drawn * 4).astype(int).tolist() == [2, 0, 3, 1]


def test_normal_scores_are_standard_normal_whatever_the_sample() -> None:
    scores = normal_scores(RNG.lognormal(0, 3, 2000).round())
    assert (scores.mean(), scores.std()) == pytest.approx((0, 1), abs=0.01)


def test_slow_noise_forgets_over_its_memory() -> None:
    noise = slow_noise(200_000, 20, RNG)
    assert noise.std() == pytest.approx(1, abs=0.05)
    assert np.mean(noise[20:] * noise[:-20]) == pytest.approx(np.exp(-1), abs=0.05)


def test_a_lognormal_has_the_mean_that_is_asked_for() -> None:
    drawn = lognormal(338, 1.1).at((np.arange(1000) + 0.5) / 1000)
    assert drawn.mean() == pytest.approx(338, rel=0.02)
    assert np.log(drawn).std() == pytest.approx(1.1, rel=0.03)


def test_a_mixture_draws_from_its_parts_by_their_weights() -> None:
    drawn = mixture((0.9, lognormal(10, 0.1)), (0.1, lognormal(1000, 0.1))).at(RNG.random(4000))
    assert (drawn > 100).mean() == pytest.approx(0.1, abs=0.03)
