"""The shape of a model, under the names that Hugging Face's Llama configuration gives its parts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelConfig:
    """Everything about the architecture that is not a weight.

    The defaults are the shipped model's. `num_attention_heads` query heads share
    `num_key_value_heads` key and value heads (GQA), the same number each.
    """

    vocab_size: int = 1024
    hidden_size: int = 192
    num_hidden_layers: int = 4
    num_attention_heads: int = 6
    num_key_value_heads: int = 2
    head_dim: int = 32
    intermediate_size: int = 512
    rope_theta: float = 10_000.0
    rms_norm_eps: float = 1e-5
    max_position_embeddings: int = 1024

    def __post_init__(self) -> None:
        """Refuse shapes that no Llama has.

        Raises:
            ValueError: query heads do not share key heads evenly, or RoPE cannot pair dimensions.
        """
        if self.num_attention_heads % self.num_key_value_heads:
            raise ValueError("num_attention_heads must be a multiple of num_key_value_heads")
        if self.head_dim % 2:
            raise ValueError("head_dim must be even: RoPE turns pairs of dimensions")
