"""The machine that requests are served on: the paper's setting, and how long a step takes there.

Memory and model are those of Kwon et al., SOSP 2023, Table 1: OPT-13B on one A100 of 40 GB, of
which 12 GB are left for KV, 15.7 thousand tokens. The time of a step is a roofline of published
peaks. It is calibrated on no hardware: ratios of throughput mean something, seconds do not.
"""

from __future__ import annotations

from dataclasses import dataclass

from pagedlab.kv_cache_spec import KVCacheSpec, kv_bytes_per_token, spec_from_config

OPT_13B: KVCacheSpec = spec_from_config(
    {
        "num_hidden_layers": 40,
        "num_attention_heads": 40,
        "hidden_size": 5120,
        "torch_dtype": "float16",
    }
)
KV_BYTES = kv_bytes_per_token(OPT_13B)
"""819,200: the paper's 800 KB a token."""
KV_BUDGET = 12 * 2**30
NUM_SLOTS = KV_BUDGET // KV_BYTES
"""15,728 tokens."""


@dataclass(frozen=True)
class Clock:
    """Seconds of one step: weights read once or prompts computed, KV read, and a fixed part.

    Weights (26 GB) and KV are read at 1.555 TB/s; prompts take 2 operations a parameter at half of
    312 T/s, the A100's peak in fp16; 3 ms for launching kernels and sampling are a guess.
    """

    weights: float = 26e9 / 1.555e12
    prompt_token: float = 2 * 13e9 / (312e12 / 2)
    kv_token: float = KV_BYTES / 1.555e12
    fixed: float = 0.003

    def step(self, prompt_tokens: int, stored_tokens: int) -> float:
        """Give the seconds of a step that computes some prompts and reads all KV there is."""
        compute = max(self.weights, prompt_tokens * self.prompt_token)
        return compute + stored_tokens * self.kv_token + self.fixed
