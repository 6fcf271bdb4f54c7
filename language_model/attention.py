"""Dense attention: what a paged cache is to be compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional


def attend_within(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attend within whole sequences `[batch, tokens, heads, head_dim]` that begin at position 0.

    Keeps nothing: for training and for measuring a loss.
    """
    query, key, value = (x.transpose(-2, -3) for x in (query, key, value))
    out = functional.scaled_dot_product_attention(
        query, key, value, is_causal=True, enable_gqa=True
    )
    return out.transpose(-2, -3)


@dataclass
class DenseCache:
    """Keys and values of one sequence, and plain causal attention over them.

    An `Attend`. Each forward pass appends its tokens, which must be the sequence's next ones:
    all of a prompt, a chunk of it, or one token. `keys[layer]` and `values[layer]` are
    `[tokens so far, num_key_value_heads, head_dim]`: what a paged cache must hold, slot by slot.
    """

    keys: list[Tensor] = field(default_factory=list)
    values: list[Tensor] = field(default_factory=list)

    @property
    def num_tokens(self) -> int:
        """Tokens whose keys and values are kept."""
        return len(self.keys[-1]) if self.keys else 0

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Append `key` and `value` (`[tokens, …]`, no batch) to `layer` and attend to all."""
        if layer == len(self.keys):
            self.keys.append(key)
            self.values.append(value)
        else:
            self.keys[layer] = torch.cat((self.keys[layer], key))
            self.values[layer] = torch.cat((self.values[layer], value))
        return causal_attention(query, self.keys[layer], self.values[layer])


def causal_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attend from a sequence's last tokens to all of it.

    Args:
        query: `[new, num_attention_heads, head_dim]`.
        key: `[all, num_key_value_heads, head_dim]`, with `all >= new`; `value` likewise.
        value: see `key`.

    Returns:
        `[new, num_attention_heads, head_dim]`. Query head h reads key head h // (queries a key).
    """
    group = query.shape[1] // key.shape[1]
    key, value = (x.repeat_interleave(group, dim=1) for x in (key, value))
    scores = torch.einsum("qhd,khd->hqk", query, key) / math.sqrt(query.shape[2])
    context = len(key) - len(query)
    ahead = torch.ones(len(query), len(key), dtype=torch.bool).triu(context + 1)
    weights = scores.masked_fill(ahead, -torch.inf).softmax(dim=-1)
    return torch.einsum("hqk,khd->qhd", weights, value)
