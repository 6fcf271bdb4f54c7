"""The model: RMSNorm, rotary positions (RoPE), grouped-query attention (GQA), SwiGLU; fp32 math.

Attention itself is the caller's: `forward` hands each layer's rotated queries and keys and its
values to an `Attend`. So one and the same model runs with dense attention (`attention.py`) and
with a paged cache, and any difference between the two is the cache's.

After Touvron et al., "LLaMA" (arXiv 2302.13971) and Ainslie et al., "GQA" (arXiv 2305.13245).
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from language_model.config import ModelConfig


class Attend(Protocol):
    """How the tokens of a forward pass attend: to each other and to whatever was kept before."""

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Attend in one layer, causally.

        Args:
            layer: index of the layer, from 0.
            query: `[..., tokens, num_attention_heads, head_dim]`, rotated.
            key: `[..., tokens, num_key_value_heads, head_dim]`, rotated: what a cache keeps.
            value: of the same shape as `key`.

        Returns:
            Weighted values, of the shape of `query`.
        """
        ...


class RMSNorm(nn.Module):
    """Scales vectors to a root mean square of 1, then by a learned weight a dimension."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last dimension of `x`."""
        return functional.rms_norm(x, self.weight.shape, self.weight, self.eps)


def rotary_table(config: ModelConfig) -> Tensor:
    """Tabulate RoPE's angles in fp64: `[2, max_position_embeddings, head_dim / 2]`, cos and sin.

    Pair i of position p is turned by `p / rope_theta ** (2 i / head_dim)`.
    """
    exponents = torch.arange(0, config.head_dim, 2, dtype=torch.float64) / config.head_dim
    positions = torch.arange(config.max_position_embeddings, dtype=torch.float64)
    angles = torch.outer(positions, config.rope_theta**-exponents)
    return torch.stack((angles.cos(), angles.sin())).float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn dimension i and dimension i + head_dim / 2 of every head as a pair.

    Args:
        x: `[..., tokens, heads, head_dim]`.
        cos: `[..., tokens, 1, head_dim / 2]`, of each token's position; `sin` likewise.
        sin: see `cos`.
    """
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class DecoderLayer(nn.Module):
    """One layer: attention and a gated feed-forward net, each added to the stream it reads."""

    def __init__(self, config: ModelConfig, index: int) -> None:
        super().__init__()
        self.index = index
        hidden, inner, head = config.hidden_size, config.intermediate_size, config.head_dim
        queries, keys = config.num_attention_heads * head, config.num_key_value_heads * head
        self.head_dim = head
        self.input_layernorm = RMSNorm(hidden, config.rms_norm_eps)
        self.q_proj = nn.Linear(hidden, queries, bias=False)
        self.k_proj = nn.Linear(hidden, keys, bias=False)
        self.v_proj = nn.Linear(hidden, keys, bias=False)
        self.o_proj = nn.Linear(queries, hidden, bias=False)
        self.post_attention_layernorm = RMSNorm(hidden, config.rms_norm_eps)
        self.gate_proj = nn.Linear(hidden, inner, bias=False)
        self.up_proj = nn.Linear(hidden, inner, bias=False)
        self.down_proj = nn.Linear(inner, hidden, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, attend: Attend) -> Tensor:
        """Map `[..., tokens, hidden_size]` to the same shape."""
        query, key, value = self.qkv(self.input_layernorm(x), cos, sin)
        x = x + self.o_proj(attend(self.index, query, key, value).flatten(-2))
        return x + self.feed_forward(self.post_attention_layernorm(x))

    def qkv(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Project normalised `[..., tokens, hidden_size]` to queries, keys (rotated) and values."""
        heads = (-1, self.head_dim)
        query = rotate(self.q_proj(x).unflatten(-1, heads), cos, sin)
        key = rotate(self.k_proj(x).unflatten(-1, heads), cos, sin)
        return query, key, self.v_proj(x).unflatten(-1, heads)

    def feed_forward(self, x: Tensor) -> Tensor:
        """Compute SwiGLU: `down(silu(gate(x)) * up(x))`."""
        out: Tensor = self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class LanguageModel(nn.Module):
    """The whole decoder. Input and output embeddings are one matrix.

    A fresh model's weights mean nothing: train them, or load them (`load.py`).
    """

    rotary: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        layers = range(config.num_hidden_layers)
        self.layers = nn.ModuleList(DecoderLayer(config, index) for index in layers)
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.register_buffer("rotary", rotary_table(config), persistent=False)

    def forward(self, token_ids: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """Run all layers over some tokens.

        Args:
            token_ids: `[..., tokens]`, int64.
            positions: `[tokens]` or `[..., tokens]`, int64: of each token in its own sequence.
                Tokens need not be neighbours: a batch of requests is one long row of tokens.
            attend: called once a layer, in order.

        Returns:
            Logits `[..., tokens, vocab_size]`: of the token that follows each.
        """
        return self.logits(self.hidden_states(token_ids, positions, attend))

    def hidden_states(self, token_ids: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """Do what `forward` does, short of the logits: `[..., tokens, hidden_size]`."""
        cos, sin = self.rotary[:, positions].unsqueeze(-2)
        x: Tensor = self.embed_tokens(token_ids)
        for layer in self.layers:
            x = layer(x, cos, sin, attend)
        x = self.norm(x)
        return x

    def logits(self, hidden: Tensor) -> Tensor:
        """Compare `[..., hidden_size]` with every token's embedding: `[..., vocab_size]`."""
        return functional.linear(hidden, self.embed_tokens.weight)
