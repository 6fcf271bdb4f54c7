"""Draws tokens. Given: it hands a request's parameters to the language model's own sampler."""

from __future__ import annotations

from torch import Tensor

from language_model.sampling import sample
from pagedlab.sampling_params import SamplingParams


def sample_token(logits: Tensor, params: SamplingParams, position: int) -> int:
    """Draw one token. The same logits, parameters and position give the same token.

    Args:
        logits: [vocab_size], of any device.
        params: of the request.
        position: of the token to be drawn: with n tokens so far, prompt included, it is n.

    Returns:
        The token.

    Raises:
        ValueError: the logits hold NaN.
    """
    return sample(
        logits.cpu().numpy(),
        params.temperature,
        seed=params.seed,
        request=params.request,
        position=position,
    )
