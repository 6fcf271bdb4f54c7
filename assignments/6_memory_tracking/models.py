"""Shapes of real models, and lengths of requests."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

from stage6.language import Config


def shape(layers: int, hidden: int, heads: int, dtype: str, **more: int | bool | None) -> Config:
    """The entries of a config.json that matter here."""
    config: dict[str, str | int | float | bool | None] = {
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "torch_dtype": dtype,
    }
    return {**config, **more}


# Published configurations, cut to what matters: huggingface.co/<name>/blob/main/config.json, as
# read there or in a copy that names the model as its origin. The handout says where.
MODELS: Mapping[str, Config] = {
    "meta-llama/Llama-2-7b-hf": shape(32, 4096, 32, "float16", num_key_value_heads=32),
    "meta-llama/Llama-2-13b-hf": shape(40, 5120, 40, "float16", num_key_value_heads=40),
    "meta-llama/Meta-Llama-3-8B": shape(32, 4096, 32, "bfloat16", num_key_value_heads=8),
    "Neko-Institute-of-Science/LLaMA-13B-HF": shape(40, 5120, 40, "float16"),
    "mistralai/Mistral-7B-v0.1": shape(
        *(32, 4096, 32, "bfloat16"), num_key_value_heads=8, sliding_window=4096
    ),
    "mistralai/Mistral-7B-Instruct-v0.2": shape(
        *(32, 4096, 32, "bfloat16"), num_key_value_heads=8, sliding_window=None
    ),
    "Qwen/Qwen2-7B": shape(
        *(28, 3584, 28, "bfloat16"),
        **{"num_key_value_heads": 4, "sliding_window": 131072, "use_sliding_window": False},
    ),
    "Qwen/Qwen3-4B": shape(
        *(36, 2560, 32, "bfloat16"),
        **{"num_key_value_heads": 8, "head_dim": 128},
        **{"sliding_window": None, "use_sliding_window": False},
    ),
    "deepseek-ai/DeepSeek-Coder-V2-Lite-Base": shape(
        *(27, 2048, 16, "bfloat16"),
        **{"num_key_value_heads": 16, "kv_lora_rank": 512, "qk_rope_head_dim": 64},
    ),
    "deepseek-ai/DeepSeek-V3": shape(
        *(61, 7168, 128, "bfloat16"),
        **{"num_key_value_heads": 128, "kv_lora_rank": 512, "qk_rope_head_dim": 64},
    ),
}


def lengths(
    seed: int, count: int, prompt: float, output: float, most: int
) -> list[tuple[int, int]]:
    """Prompt and output lengths with long tails and these means, `most` tokens together."""
    random = Random(seed)
    found = []
    for _ in range(count):
        drawn = [_drawn(random, mean) for mean in (prompt, output)]
        answer = min(drawn[1], most // 2)
        found.append((min(drawn[0], most - answer), answer))
    return found


def _drawn(random: Random, mean: float, spread: float = 1.1) -> int:
    """A whole number from a lognormal distribution."""
    return max(1, round(math.exp(random.gauss(math.log(mean) - spread**2 / 2, spread))))
