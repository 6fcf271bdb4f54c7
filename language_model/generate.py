"""Continues a text, one token at a time, with a dense cache: the plain implementation."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from language_model.attention import DenseCache
from language_model.model import LanguageModel
from language_model.sampling import sample


def generate(
    model: LanguageModel, prompt: list[int], *, temperature: float, seed: int, request: int = 0
) -> Iterator[int]:
    """Yield token after token, until the sequence is as long as the model's positions reach.

    What is drawn at a position is known at once; who wants to stop takes no more. See `sampling`
    for `temperature`, `seed` and `request`.

    Raises:
        ValueError: the prompt is empty or leaves no position for a token.
    """
    last = model.config.max_position_embeddings
    if not 0 < len(prompt) < last:
        raise ValueError(f"a prompt has 1 to {last - 1} tokens, not {len(prompt)}")
    cache, new = DenseCache(), prompt
    while cache.num_tokens + len(new) < last:
        logits = extend(model, cache, new)[-1].numpy()
        position = cache.num_tokens
        token = sample(logits, temperature, seed=seed, request=request, position=position)
        yield token
        new = [token]


@torch.no_grad()
def extend(model: LanguageModel, cache: DenseCache, new: list[int]) -> torch.Tensor:
    """Run a sequence's next tokens and keep their keys and values: prefill, a chunk, or decode.

    Args:
        model: computes in its own dtype.
        cache: the tokens before; `new` is appended.
        new: token ids, at least one.

    Returns:
        Logits `[len(new), vocab_size]`: of the token that follows each.
    """
    positions = torch.arange(cache.num_tokens, cache.num_tokens + len(new))
    logits: torch.Tensor = model(torch.tensor(new), positions, cache)
    return logits
