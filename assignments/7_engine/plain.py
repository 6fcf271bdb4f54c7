"""What a plain implementation says: the language model with a dense cache, request by request.

Tokens are fed in as they become known, many at a time where they can be: a causal model says the
same of a position, whatever comes behind it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import torch

from language_model.attention import DenseCache
from language_model.generate import extend
from language_model.model import LanguageModel
from language_model.sampling import gumbel_noise
from language_model.shared import shipped_model
from language_model.tiny import tiny_model

SKETCH = 8
TAMPERED = 3.0
GAP = 1e-3
"""Scores that lie so near to the best may win by rounding."""


@cache
def model_of(kind: str) -> LanguageModel:
    """One of the two models, on one thread."""
    torch.set_num_threads(1)
    return tiny_model() if kind == "tiny" else shipped_model()


@lru_cache(maxsize=256)
def _whole(kind: str, tokens: tuple[int, ...]) -> tuple[torch.Tensor, DenseCache]:
    dense = DenseCache()
    return extend(model_of(kind), dense, list(tokens)), dense


class Plain:
    """Dense caches of a program's requests, and the logits behind each of their tokens."""

    def __init__(self, kind: str) -> None:
        config = model_of(kind).config
        self._kind = kind
        self._layers = config.num_hidden_layers
        size = config.num_key_value_heads, config.head_dim
        self._weights = torch.arange(1.0, math.prod(size) + 1).mul(0.7).cos().view(size)
        self._caches: dict[str, DenseCache] = {}
        self._logits: dict[str, torch.Tensor] = {}

    def learn(self, name: str, tokens: Sequence[int]) -> None:
        """Feed in what is not known yet of a request's tokens, given from its first one on."""
        known = self._caches.get(name)
        if known is None:
            logits, dense = _whole(self._kind, tuple(tokens))
            self._caches[name] = DenseCache(list(dense.keys), list(dense.values))
            self._logits[name] = logits
        elif len(tokens) > known.num_tokens:
            more = extend(model_of(self._kind), known, list(tokens[known.num_tokens :]))
            self._logits[name] = torch.cat((self._logits[name], more))

    def fork(self, parent: str, child: str) -> None:
        """Let a child begin with all that is known of its parent."""
        if parent in self._caches:
            dense = self._caches[parent]
            self._caches[child] = DenseCache(list(dense.keys), list(dense.values))
            self._logits[child] = self._logits[parent]

    def forget(self, name: str) -> None:
        """A name that may be used again."""
        self._caches.pop(name, None)
        self._logits.pop(name, None)

    def tamper(self, name: str, position: int) -> None:
        """Change a request's values at one position, in all layers."""
        dense = self._caches[name]
        for layer, values in enumerate(dense.values):
            dense.values[layer] = values.clone()
            dense.values[layer][position] = TAMPERED

    def sketch(self, name: str, position: int) -> list[float]:
        """Some of the logits behind the token at a position."""
        logits: list[float] = self._logits[name][position, :: self._step].tolist()
        return logits

    def draws(self, name: str, position: int, params: Mapping[str, Any]) -> tuple[int, ...]:
        """The tokens that may be drawn at a position, the right one first."""
        scores = self._logits[name][position - 1].double()
        gap = GAP
        if params["temperature"] > 0:
            noise = gumbel_noise(params["seed"], params["request"], position, len(scores))
            scores = scores / params["temperature"] + torch.from_numpy(noise)
            gap /= params["temperature"]
        near = (scores >= scores.max() - gap).nonzero().flatten().tolist()
        return tuple(sorted(near, key=lambda token: -float(scores[token])))

    def print(self, name: str, position: int) -> list[float]:
        """The numbers of one token's slot: by layer, of its key and of its value."""
        dense = self._caches[name]
        rows = [
            both[layer][position]
            for layer in range(self._layers)
            for both in (dense.keys, dense.values)
        ]
        numbers: list[float] = (torch.stack(rows) * self._weights).sum((-1, -2)).tolist()
        return numbers

    @property
    def tampered_print(self) -> float:
        """The number of a tampered value."""
        return float(self._weights.sum()) * TAMPERED

    @property
    def _step(self) -> int:
        return -(-model_of(self._kind).config.vocab_size // SKETCH)
