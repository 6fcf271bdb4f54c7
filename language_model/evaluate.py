"""The loss of a model on a text: mean negative log-likelihood of each token, in nats."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from language_model.attention import attend_within
from language_model.model import Attend, LanguageModel

WINDOW = 512


def loss_of(model: LanguageModel, windows: Tensor, attend: Attend = attend_within) -> Tensor:
    """Compute the mean loss on `[batch, n + 1]` tokens: of the last n, each from those before."""
    inputs, targets = windows[:, :-1], windows[:, 1:]
    logits = model(inputs, torch.arange(inputs.shape[1]), attend)
    return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


@torch.no_grad()
def mean_loss(model: LanguageModel, tokens: Tensor, window: int = WINDOW) -> float:
    """Compute the loss on a text, window by window.

    Args:
        model: on the tokens' device.
        tokens: int64 `[n]`, `n >= 2`.
        window: tokens a window; the next one is not seen in the window before it. The text's
            first token is not predicted; each other is, once.

    Returns:
        Nats a token.
    """
    total = 0.0
    for start in range(0, len(tokens) - 1, window):
        part = tokens[start : start + window + 1]
        total += loss_of(model, part[None]).item() * (len(part) - 1)
    return total / (len(tokens) - 1)
