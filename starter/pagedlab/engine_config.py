"""How an engine is set up. Given.

Read next in vLLM: `vllm/config/` (`CacheConfig`, `SchedulerConfig`, `VllmConfig`). Simplified here:
one flat record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pagedlab import policies
from pagedlab.causal_lm import ModelShape
from pagedlab.kv_cache_spec import KVCacheSpec, num_blocks_for_budget
from pagedlab.sched_output import PreemptionMode, SchedulerConfig

PolicyName = Literal["fcfs", "priority", "fair", "sla", "own"]
POLICIES = {
    "fcfs": "FCFSPolicy",
    "priority": "PriorityPolicy",
    "fair": "FairPolicy",
    "sla": "SLAPolicy",
    "own": "OwnPolicy",
}
"""Stage 5's policies by name."""


@dataclass(frozen=True)
class EngineConfig:
    """The settings of an engine.

    Attributes:
        block_size: tokens in a block.
        num_blocks: blocks of the KV cache, the null block among them; None for as many as fit
            into `kv_cache_memory_bytes`.
        kv_cache_memory_bytes: memory for the KV cache; without effect if `num_blocks` is given.
        num_host_blocks: blocks of the swap space on the host, besides its null block.
        max_num_batched_tokens: most tokens that one step computes.
        max_num_seqs: most requests that run at the same time.
        max_model_len: most tokens of a request, prompt and generated; None for what the model's
            positions allow.
        watermark_blocks: blocks that stay free when a request is admitted beside running ones.
        preemption_mode: what becomes of a victim's KV. "swap" needs host blocks.
        policy: order of the requests, by the names of stage 5's policies.
        enable_prefix_caching: whether full blocks serve later requests with the same prefix.
        attention_backend: a name that `attention_backend.py` knows.
        device: where the model and the KV cache are, by torch's names; the swap space is on the
            CPU.

    Raises:
        ValueError: settings that no engine can have.
    """

    block_size: int = 16
    num_blocks: int | None = None
    kv_cache_memory_bytes: int = 64 << 20
    num_host_blocks: int = 0
    max_num_batched_tokens: int = 512
    max_num_seqs: int = 32
    max_model_len: int | None = None
    watermark_blocks: int = 0
    preemption_mode: PreemptionMode = "recompute"
    policy: PolicyName = "fcfs"
    enable_prefix_caching: bool = True
    attention_backend: str = "torch"
    device: str = "cpu"

    def __post_init__(self) -> None:
        if (
            min(
                self.block_size,
                self.max_num_seqs,
                1 if self.max_model_len is None else self.max_model_len,
            )
            < 1
        ):
            raise ValueError("block_size, max_num_seqs and max_model_len are at least 1")
        if self.max_num_batched_tokens < self.max_num_seqs:
            raise ValueError("wanted: max_num_seqs <= max_num_batched_tokens")
        if min(self.watermark_blocks, self.num_host_blocks, self.kv_cache_memory_bytes) < 0:
            raise ValueError("a negative number of blocks or bytes")
        if self.preemption_mode == "swap" and self.num_host_blocks == 0:
            raise ValueError("preemption by swapping needs num_host_blocks")
        if self.policy not in POLICIES:
            raise ValueError(f"no policy {self.policy!r}: there are {', '.join(POLICIES)}")


def make_policy(name: PolicyName) -> policies.SchedulingPolicy:
    """Make one of stage 5's policies.

    Args:
        name: of the policy.
    """
    policy: policies.SchedulingPolicy = getattr(policies, POLICIES[name])()
    return policy


def scheduler_config(config: EngineConfig) -> SchedulerConfig:
    """Pick out the limits of a step.

    Args:
        config: of the engine.
    """
    return SchedulerConfig(
        config.max_num_batched_tokens,
        config.max_num_seqs,
        config.watermark_blocks,
        config.preemption_mode,
    )


def num_kv_blocks(config: EngineConfig, shape: ModelShape) -> int:
    """Number of blocks of the KV cache, the null block among them.

    Args:
        config: asks for blocks, or has memory for some, which stage 6 counts.
        shape: of the model.

    Raises:
        ValueError: fewer than 2.
    """
    values = 2 * shape.num_key_value_heads * shape.head_dim
    spec = KVCacheSpec(shape.num_hidden_layers, values, dtype_bytes=4)
    num_blocks = config.num_blocks
    if num_blocks is None:
        memory = config.kv_cache_memory_bytes
        num_blocks = num_blocks_for_budget(spec, config.block_size, memory)
    if num_blocks < 2:
        raise ValueError(f"a KV cache of {num_blocks} blocks, one of them the null block")
    return num_blocks


def model_len(config: EngineConfig, shape: ModelShape) -> int:
    """Most tokens that a request can have.

    Args:
        config: may set a limit.
        shape: of the model, which has so many positions.

    Raises:
        ValueError: the limit is beyond the model's positions.
    """
    most = shape.max_position_embeddings
    if config.max_model_len is None:
        return most
    if config.max_model_len > most:
        raise ValueError(f"max_model_len {config.max_model_len}: the model has {most} positions")
    return config.max_model_len
