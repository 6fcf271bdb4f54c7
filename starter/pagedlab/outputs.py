"""What an engine gives back: new tokens of a request, and numbers about itself. Given.

Read next in vLLM: `vllm/outputs.py` (`RequestOutput`) and `vllm/v1/metrics/stats.py`
(`SchedulerStats`, `IterationStats`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FinishReason = Literal["stop", "length", "abort"]


@dataclass(frozen=True)
class RequestOutput:
    """News of one request.

    Attributes:
        request_id: whose news.
        new_token_ids: tokens generated since its last output; each is in one output and no other.
        finished: True for its last output.
        finish_reason: a stop token, a limit of length, or an abort; None before the end.
        num_prompt_tokens: length of its prompt.
        num_cached_tokens: tokens found in the prefix cache when it was first admitted.
        num_preemptions: how often it has been preempted.
    """

    request_id: str
    new_token_ids: tuple[int, ...]
    finished: bool
    finish_reason: FinishReason | None
    num_prompt_tokens: int
    num_cached_tokens: int
    num_preemptions: int


@dataclass(frozen=True)
class EngineStats:
    """An engine at one moment, between two steps. Counters count from its beginning.

    Attributes:
        num_running_reqs: requests that run.
        num_waiting_reqs: requests that wait, preempted ones among them.
        num_blocks: blocks that requests can hold, all but the null block.
        num_free_blocks: those of them that nobody holds.
        num_host_blocks: blocks of the swap space, all but its null block; 0 without one.
        num_free_host_blocks: those of them that nobody holds.
        num_steps: counter of forward passes.
        num_computed_tokens: counter of tokens that went through the model.
        num_generated_tokens: counter of tokens that requests got.
        prefix_cache_queries: counter of tokens of requests that were admitted for the first time.
        prefix_cache_hits: counter of those of them that were found in the prefix cache.
        num_preemptions: counter of preemptions.
    """

    num_running_reqs: int
    num_waiting_reqs: int
    num_blocks: int
    num_free_blocks: int
    num_host_blocks: int
    num_free_host_blocks: int
    num_steps: int
    num_computed_tokens: int
    num_generated_tokens: int
    prefix_cache_queries: int
    prefix_cache_hits: int
    num_preemptions: int

    @property
    def num_used_blocks(self) -> int:
        """Blocks that at least one request holds."""
        return self.num_blocks - self.num_free_blocks

    @property
    def kv_cache_usage(self) -> float:
        """Share of the blocks that are used: 0.0 ... 1.0."""
        return self.num_used_blocks / self.num_blocks
