"""A model and an attention backend that do nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch

SHAPE = SimpleNamespace(
    vocab_size=8, num_hidden_layers=4, num_attention_heads=2, num_key_value_heads=2, head_dim=8,
    max_position_embeddings=4096,
)  # fmt: skip


class Silent:
    """A model and an attention backend that do nothing."""

    config = SHAPE

    def __init__(self) -> None:
        self.rows = 0

    def hidden_states(self, token_ids: Any, positions: Any, attend: Any) -> Any:
        """Let every layer attend to zeros."""
        for layer in range(SHAPE.num_hidden_layers):
            query = torch.zeros(len(token_ids), SHAPE.num_attention_heads, SHAPE.head_dim)
            attend(layer, query, query, query)
        return torch.zeros(len(token_ids), 1)

    def logits(self, hidden: Any) -> Any:
        """Score token 0 best."""
        self.rows += len(hidden)
        return torch.zeros(len(hidden), SHAPE.vocab_size)

    def __call__(self, token_ids: Any, positions: Any, attend: Any) -> Any:
        """Run the whole model."""
        return self.logits(self.hidden_states(token_ids, positions, attend))

    def write_kv_cache(self, *tensors: Any) -> None:
        """Store nothing."""

    def paged_attention(self, query: Any, *rest: Any) -> Any:
        """Attend to nothing."""
        return query
