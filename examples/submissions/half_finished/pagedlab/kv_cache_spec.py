"""Stage 6. How many bytes the KV of a token takes, and how many blocks a budget of bytes gives.

Read next in vLLM: `vllm/v1/kv_cache_interface.py` (`FullAttentionSpec`, `SlidingWindowSpec`,
`MLAAttentionSpec`: `page_size_bytes`) and `get_num_blocks` in `vllm/v1/core/kv_cache_utils.py`.
Simplified here: all layers are alike, on one device.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ModelConfig = Mapping[str, str | int | float | bool | None]
"""The top level of a model's published `config.json`, by its own names."""


@dataclass(frozen=True)
class KVCacheSpec:
    """What the KV cache stores of one token. Given.

    Attributes:
        num_layers: layers that store it.
        values_per_layer: numbers that one layer stores of one token.
        dtype_bytes: bytes of one number.
        sliding_window: how many of the last tokens are attended to; None if all of them are.
    """

    num_layers: int
    values_per_layer: int
    dtype_bytes: int
    sliding_window: int | None = None


def spec_from_config(config: ModelConfig, cache_dtype: str = "auto") -> KVCacheSpec:
    """Read from a model's configuration what its KV cache stores.

    - `num_hidden_layers` layers store a key and a value for each of `num_key_value_heads` heads;
      without that entry there are as many as `num_attention_heads`.
    - A head has `head_dim` numbers; without that entry, `hidden_size` over `num_attention_heads`.
    - Multi-head latent attention (DeepSeek; there is a `kv_lora_rank`) stores one vector of
      `kv_lora_rank + qk_rope_head_dim` numbers a layer, for all heads, and keys and values alike.
    - `sliding_window` is a window unless it is null or `use_sliding_window` is there and false.
      An entry that is null counts as one that is not there, here and above.
    - A number of type "float32" has 4 bytes, "bfloat16" and "float16" have 2, "fp8" has 1.

    Args:
        config: entries of config.json; others than those above are passed over.
        cache_dtype: a type of those above; "auto" for the model's own `torch_dtype`.

    Returns:
        The spec.

    Raises:
        ValueError: the type is none of these, or an entry that is needed is missing.

    Example:
        >>> spec = spec_from_config(
        ...     {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 32,
        ...      "num_key_value_heads": 1, "torch_dtype": "float16"}
        ... )
        >>> spec.values_per_layer, kv_bytes_per_token(spec)
        (16, 64)
    """
    raise NotImplementedError("Stage 6 · spec_from_config is not written yet")


def kv_bytes_per_token(spec: KVCacheSpec) -> int:
    """Bytes that the KV of one token takes in all layers together.

    Args:
        spec: what is stored.

    Returns:
        A number of bytes.
    """
    raise NotImplementedError("Stage 6 · kv_bytes_per_token is not written yet")


def num_blocks_for_budget(spec: KVCacheSpec, block_size: int, budget_bytes: int) -> int:
    """Number of blocks that fit into a budget of bytes, the null block among them.

    Args:
        spec: what is stored.
        block_size: tokens in a block.
        budget_bytes: bytes that are left for KV.

    Returns:
        Whole blocks only.

    Raises:
        ValueError: `block_size` is below 1, or the budget negative.
    """
    raise NotImplementedError("Stage 6 · num_blocks_for_budget is not written yet")


def num_blocks_of_request(spec: KVCacheSpec, block_size: int, num_tokens: int) -> int:
    """Number of blocks that a request needs to keep once it has `num_tokens` tokens.

    Blocks are cut at multiples of `block_size` from its first token on. Its newest token attends to
    itself and to those before it, `sliding_window` of them in all if there is a window; a block
    all of whose tokens lie before the window is not needed any more.

    Args:
        spec: what is stored.
        block_size: tokens in a block.
        num_tokens: tokens of the request.

    Returns:
        Blocks that hold at least one token that is attended to.

    Raises:
        ValueError: `block_size` is below 1, or `num_tokens` negative.
    """
    raise NotImplementedError("Stage 6 · num_blocks_of_request is not written yet")


def _entry(config: ModelConfig, name: str, default: int | None = None) -> int:
    """Given: a number of the configuration; the default if it is missing or null.

    Raises:
        ValueError: it is missing, and there is no default.
    """
    value = config.get(name)
    if value is None:
        value = default
    if value is None:
        raise ValueError(f"the configuration has no {name}")
    return int(value)
