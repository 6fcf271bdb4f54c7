"""What an engine asks of a language model. Given; `language_model/` in the repository is one.

The model leaves attention to its caller, so that keys and values can lie in a paged cache.
"""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class ModelShape(Protocol):
    """The parts of a model's configuration that an engine reads."""

    @property
    def vocab_size(self) -> int:
        """Number of different tokens: ids are 0 <= id < vocab_size."""
        ...

    @property
    def num_hidden_layers(self) -> int:
        """Layers, each with keys and values of its own."""
        ...

    @property
    def num_attention_heads(self) -> int:
        """Query heads."""
        ...

    @property
    def num_key_value_heads(self) -> int:
        """Key and value heads."""
        ...

    @property
    def head_dim(self) -> int:
        """Numbers in one head's vector."""
        ...

    @property
    def max_position_embeddings(self) -> int:
        """Positions that the model knows: 0 ... this - 1."""
        ...


class Attend(Protocol):
    """How the tokens of a forward pass attend to each other and to what was kept before."""

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Keep keys and values of one layer, then attend causally.

        Args:
            layer: from 0, in order.
            query: float32 [tokens, query heads, head size], rotated.
            key: float32 [tokens, KV heads, head size], rotated: what a cache keeps.
            value: as `key`.

        Returns:
            Weighted values, of the shape of `query`.
        """
        ...


class CausalLM(Protocol):
    """A decoder whose attention is the caller's."""

    @property
    def config(self) -> ModelShape:
        """The model's shape."""
        ...

    def hidden_states(self, token_ids: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """Run all layers over some tokens.

        Args:
            token_ids: int64 [tokens].
            positions: int64 [tokens], of each token in its own request. Requests in one batch are
                one long row of tokens.
            attend: called once a layer, in order.

        Returns:
            float32 [tokens, hidden size].
        """
        ...

    def logits(self, hidden: Tensor) -> Tensor:
        """Score every token of the vocabulary as the next one.

        Args:
            hidden: float32 [rows, hidden size], any rows of what `hidden_states` gave.

        Returns:
            float32 [rows, vocab_size]: of the token that follows each row's.
        """
        ...
