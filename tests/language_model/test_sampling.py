"""A draw depends on logits, seed, request and position alone, and follows the softmax."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from language_model.sampling import gumbel_noise, sample

LOGITS = np.random.default_rng(2).normal(size=(30, 50)).astype(np.float32)
NUMBERS = st.integers(0, 2**64 - 1)


def test_order_and_batch_change_no_token() -> None:
    wanted = [(request, position) for request in range(5) for position in range(6)]

    def draw(places: list[tuple[int, int]]) -> dict[tuple[int, int], int]:
        return {
            (request, position): sample(
                LOGITS[request * 6 + position], 0.8, seed=4, request=request, position=position
            )
            for request, position in places
        }

    shuffled = random.Random(1).sample(wanted, len(wanted))
    assert draw(wanted) == draw(shuffled)


@pytest.mark.parametrize("changed", ["seed", "request", "position"])
def test_another_seed_request_or_position_has_other_noise(changed: str) -> None:
    place = {"seed": 1, "request": 2, "position": 3}
    one, other = gumbel_noise(**place, size=4096), gumbel_noise(**place | {changed: 9}, size=4096)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.06


def test_seed_and_request_are_not_confused() -> None:
    assert not np.array_equal(gumbel_noise(1, 2, 0, 8), gumbel_noise(2, 1, 0, 8))


@given(NUMBERS, NUMBERS, NUMBERS)
def test_noise_is_finite_and_a_shorter_one_is_its_beginning(s: int, r: int, p: int) -> None:
    noise = gumbel_noise(s, r, p, 64)
    assert np.isfinite(noise).all()
    assert np.array_equal(noise[:10], gumbel_noise(s, r, p, 10))


def test_the_noise_is_the_documented_function_of_philox() -> None:
    words = [
        int(word) for word in np.random.Philox(key=7 + (8 << 64), counter=9 << 192).random_raw(3)
    ]
    uniform = [((word >> 12) + 0.5) / 2**52 for word in words]
    np.testing.assert_allclose(gumbel_noise(7, 8, 9, 3), -np.log(-np.log(uniform)), rtol=1e-15)


def test_the_noise_of_one_place_stays_what_it_was() -> None:
    # A change here changes every text that was ever drawn.
    wanted = [-1.0143768629196026, 1.0612849180241184, -0.24819978767576173]
    np.testing.assert_allclose(gumbel_noise(1, 2, 3, 3), wanted, rtol=1e-12)


def test_draws_follow_the_softmax_at_the_temperature() -> None:
    logits, temperature, draws = np.array([0.0, 1.0, 2.0, -np.inf]), 0.5, 4000
    drawn = [sample(logits, temperature, seed=3, request=0, position=p) for p in range(draws)]
    share = np.bincount(drawn, minlength=4) / draws
    wanted = np.exp(logits / temperature) / np.exp(logits / temperature).sum()
    np.testing.assert_allclose(share, wanted, atol=4 * (0.25 / draws) ** 0.5)
    assert share[3] == 0


def test_temperature_zero_takes_the_first_of_the_best() -> None:
    assert sample(np.array([1.0, 3.0, 3.0]), 0.0, seed=0, request=0, position=0) == 1


@pytest.mark.parametrize(
    ("logits", "temperature"),
    [
        ([0.0, np.nan], 1.0),
        ([0.0, np.inf], 1.0),
        ([-np.inf, -np.inf], 1.0),
        ([0.0, 1.0], -0.1),
        ([0.0, 1.0], np.nan),
        ([0.0, 1.0], np.inf),
    ],
)
def test_what_has_no_meaning_is_refused(logits: list[float], temperature: float) -> None:
    with pytest.raises(ValueError):
        sample(np.array(logits), temperature, seed=0, request=0, position=0)


@pytest.mark.parametrize("number", [-1, 2**64])
@pytest.mark.parametrize("name", ["seed", "request", "position"])
def test_numbers_of_more_than_64_bits_are_refused(name: str, number: int) -> None:
    place = {"seed": 0, "request": 0, "position": 0} | {name: number}
    with pytest.raises(ValueError, match=name):
        gumbel_noise(**place, size=1)
