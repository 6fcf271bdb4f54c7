"""A model of random weights, a hundredth of the shipped one: for tests, where meaning is no matter.

Its weights are large enough that attention is sharp and logits differ by several units, so that
a wrong key, value or position shows in what it says.
"""

from __future__ import annotations

import torch

from language_model.config import ModelConfig
from language_model.model import LanguageModel

TINY = ModelConfig(
    vocab_size=64,
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=8,
    intermediate_size=32,
    max_position_embeddings=256,
)


@torch.no_grad()
def tiny_model(seed: int = 0) -> LanguageModel:
    """Make a model of shape `TINY`; the same seed gives the same weights.

    Args:
        seed: of the weights. The state of torch's own generator stays as it is.
    """
    generator = torch.Generator().manual_seed(seed)
    model = LanguageModel(TINY)
    for weight in model.parameters():
        if weight.dim() > 1:
            weight.normal_(0.0, 1.6 * weight.shape[1] ** -0.5, generator=generator)
    model.eval()
    model.requires_grad_(False)
    return model
