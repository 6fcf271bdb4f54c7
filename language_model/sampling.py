"""Seeded sampling that depends on the request and the position, and on nothing else.

A token is drawn with the Gumbel-max trick: `argmax(logits / temperature + g)`, with independent
`g = -log(-log(u))`, has exactly the softmax's distribution (Gumbel, 1954; Maddison et al.,
arXiv 1411.0030). The noise of one token is what the counter-based generator Philox4x64-10
(Salmon et al., SC 2011) gives for key (seed, request) and counter (0, 0, 0, position). So the
order of requests, their batch, and whether one was preempted and computed anew change nothing:
who has the same logits draws the same token.

The random bits are the same on every machine, and of numpy's they use the bit generator alone,
whose stream numpy keeps. The two logarithms may differ between machines in their last bit, which
decides a token only where the two best scores lie within about 1e-15 of each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = 52  # (k + 1/2) / 2**52 is exact in fp64 and never 0 or 1, so that g is finite
WORD = 2**64


def gumbel_noise(seed: int, request: int, position: int, size: int) -> NDArray[np.float64]:
    """Give the noise of one token: `[size]`, standard Gumbel, between -3.6 and 36.8.

    Args:
        seed: of the whole run.
        request: number of the request, chosen by the caller and kept for the request's life.
        position: of the token to be drawn in its sequence, prompt included: with n tokens so far
            it is n.
        size: of the vocabulary. A longer noise begins with the shorter one.

    Raises:
        ValueError: a number is negative, or needs more than 64 bits.
    """
    for name, number in (("seed", seed), ("request", request), ("position", position)):
        if not 0 <= number < WORD:
            raise ValueError(f"{name} must be from 0 to 2**64 - 1, not {number}")
    key, counter = np.array([seed, request], np.uint64), np.array([0, 0, 0, position], np.uint64)
    words = np.random.Philox(key=key, counter=counter).random_raw(size)
    uniform = ((words >> np.uint64(64 - BITS)) + 0.5) / 2.0**BITS
    noise: NDArray[np.float64] = -np.log(-np.log(uniform))
    return noise


def sample(
    logits: NDArray[np.floating], temperature: float, *, seed: int, request: int, position: int
) -> int:
    """Draw the token that comes at `position` of a request.

    Args:
        logits: `[vocab_size]`. A token whose logit is -inf is never drawn.
        temperature: at 0 the most likely token is taken, the first of equals; 1 is the model's own
            distribution, less is safer.
        seed: see `gumbel_noise`; `request` and `position` likewise.
        request: see `seed`.
        position: see `seed`.

    Raises:
        ValueError: `temperature` is negative or not finite, or `logits` holds NaN or +inf or
            nothing finite.
    """
    if not 0 <= temperature < np.inf:
        raise ValueError(f"temperature must be finite and at least 0, not {temperature}")
    scores = np.asarray(logits, np.float64)
    best = scores.max()
    if not np.isfinite(best):
        raise ValueError("logits must hold a finite number, and neither NaN nor +inf")
    if temperature > 0:
        scores = (scores - best) / temperature + gumbel_noise(seed, request, position, len(scores))
    return int(scores.argmax())
