"""Stand-in for later stages: grouped-query models of 2 bytes a number, and nothing else."""

from collections import namedtuple

KVCacheSpec = namedtuple(
    "KVCacheSpec", "num_layers values_per_layer dtype_bytes sliding_window", defaults=[None]
)


def spec_from_config(config, cache_dtype="auto"):
    head_size = config["hidden_size"] // config["num_attention_heads"]
    return KVCacheSpec(
        config["num_hidden_layers"], config["num_key_value_heads"] * head_size * 2, 2
    )


def kv_bytes_per_token(spec):
    total = 0
    for _ in range(spec.num_layers):
        total += spec.values_per_layer * spec.dtype_bytes
    return total


def num_blocks_for_budget(spec, block_size, budget_bytes):
    count = 0
    while (count + 1) * block_size * kv_bytes_per_token(spec) <= budget_bytes:
        count += 1
    return count
