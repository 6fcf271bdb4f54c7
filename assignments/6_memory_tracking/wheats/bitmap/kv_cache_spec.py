"""Branches by kind of attention, and a window walked block by block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ModelConfig = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True)
class KVCacheSpec:
    """What is stored of a token."""

    num_layers: int
    values_per_layer: int
    dtype_bytes: int
    sliding_window: int | None = None


def spec_from_config(config: ModelConfig, cache_dtype: str = "auto") -> KVCacheSpec:
    """Read the configuration."""
    stated = {key: value for key, value in config.items() if value is not None}
    name = stated.get("torch_dtype", "") if cache_dtype == "auto" else cache_dtype
    match name:
        case "float32":
            size = 4
        case "bfloat16" | "float16":
            size = 2
        case "fp8":
            size = 1
        case _:
            raise ValueError(f"type {name}")
    try:
        layers = int(stated["num_hidden_layers"])
        heads = int(stated["num_attention_heads"])
        if "kv_lora_rank" in stated:
            values = int(stated["kv_lora_rank"]) + int(stated["qk_rope_head_dim"])
        else:
            if "head_dim" in stated:
                head = int(stated["head_dim"])
            else:
                head = int(stated["hidden_size"]) // heads
            values = int(stated.get("num_key_value_heads", heads)) * (head + head)
    except KeyError as missing:
        raise ValueError(f"no {missing}") from None
    window = None
    if "sliding_window" in stated and stated.get("use_sliding_window", True):
        window = int(stated["sliding_window"])
    return KVCacheSpec(layers, values, size, window)


def kv_bytes_per_token(spec: KVCacheSpec) -> int:
    """Bytes of a token."""
    return sum(spec.values_per_layer * spec.dtype_bytes for _ in range(spec.num_layers))


def num_blocks_for_budget(spec: KVCacheSpec, block_size: int, budget_bytes: int) -> int:
    """Blocks that fit."""
    if block_size <= 0 or budget_bytes < 0:
        raise ValueError("block_size or budget")
    blocks, _ = divmod(budget_bytes, kv_bytes_per_token(spec) * block_size)
    return blocks


def num_blocks_of_request(spec: KVCacheSpec, block_size: int, num_tokens: int) -> int:
    """Blocks with a token in sight."""
    if block_size <= 0 or num_tokens < 0:
        raise ValueError("block_size or num_tokens")
    kept = 0
    for first in range(0, num_tokens, block_size):
        last = min(first + block_size, num_tokens) - 1
        if spec.sliding_window is None or last > num_tokens - 1 - spec.sliding_window:
            kept += 1
    return kept
