"""Stage 7. The engine: continuous batching over all the stages before.

Read next in vLLM: `vllm/v1/engine/llm_engine.py` (`LLMEngine`) and `vllm/v1/engine/core.py`
(`EngineCore.step`). Simplified here: one process, no tokenizer; requests are forked by the caller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pagedlab.causal_lm import CausalLM
from pagedlab.engine_config import (
    EngineConfig,
)
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.model_runner import ModelRunner
from pagedlab.outputs import EngineStats, RequestOutput
from pagedlab.sampling_params import SamplingParams
from pagedlab.scheduler import Scheduler


class LLMEngine:
    """Owns everything that serves a model: requests, scheduler, blocks and caches.

    Between two calls, a request is unfinished (waiting or running) or forgotten. The engine checks
    what it is asked for before any other part hears of it: those see proper use only. One thread
    at a time.
    """

    scheduler: Scheduler
    """Stage 5's; plans the steps."""
    kv_cache_manager: KVCacheManager
    """Stage 2's, over stage 1's pool; holds the block tables."""
    model_runner: ModelRunner
    """Runs the steps; its `kv_cache` is the memory that is paged."""

    def __init__(self, model: CausalLM, config: EngineConfig) -> None:
        """Set everything up, without requests.

        Args:
            model: to serve; nobody changes it.
            config: the settings.

        Raises:
            ValueError: fewer than 2 blocks, by number or in the memory; more tokens a request than
                the model has positions; or an attention backend that cannot be used.
        """
        raise NotImplementedError("Stage 7 · LLMEngine.__init__ is not written yet")

    def add_request(
        self,
        request_id: str,
        prompt_token_ids: Sequence[int],
        params: SamplingParams,
        *,
        priority: int = 0,
        deadline: float = math.inf,
        client: str = "",
    ) -> None:
        """Let a request wait.

        Args:
            request_id: not that of an unfinished request.
            prompt_token_ids: the prompt; copied.
            params: how its tokens are drawn, and how many.
            priority: a smaller number is more urgent.
            deadline: when its first token is due, in seconds, for the policy "sla".
            client: who sent it, for the policy "fair".

        Raises:
            ValueError: there is an unfinished request of that id, or no such request can be
                served (`InputProcessor.process_inputs`). Nothing changes.
        """
        raise NotImplementedError("Stage 7 · LLMEngine.add_request is not written yet")

    def fork_request(self, request_id: str, child_id: str, params: SamplingParams) -> None:
        """Let a child go on from a running request's tokens with other parameters.

        The two share their blocks until one of them writes (parallel sampling). The child's
        outputs hold its own tokens only; it ends where its parent would: `max_tokens` and stop
        tokens are the parent's.

        Args:
            request_id: of the parent; it runs.
            child_id: not that of an unfinished request.
            params: how the child's tokens are drawn.

        Raises:
            ValueError: the parent does not run, there is an unfinished request of the child's id,
                or `max_num_seqs` requests are running. Nothing changes.
        """
        raise NotImplementedError("Stage 7 · LLMEngine.fork_request is not written yet")

    def abort_request(self, request_id: str) -> RequestOutput | None:
        """End a request. What it holds is free at once, on the device and on the host.

        Args:
            request_id: any.

        Returns:
            Its last output, without tokens; None if there is no unfinished request of that id.
        """
        raise NotImplementedError("Stage 7 · LLMEngine.abort_request is not written yet")

    def has_unfinished_requests(self) -> bool:
        """True as long as there is a request to serve."""
        raise NotImplementedError("Stage 7 · LLMEngine.has_unfinished_requests is not written yet")

    def step(self) -> list[RequestOutput]:
        """Plan a step, run it, take its tokens in.

        Returns:
            One output for each request that got a token, in the order of the plan; none if no
            request is unfinished.
        """
        raise NotImplementedError("Stage 7 · LLMEngine.step is not written yet")

    def stats(self) -> EngineStats:
        """Take a snapshot. Changes nothing."""
        raise NotImplementedError("Stage 7 · LLMEngine.stats is not written yet")

    def get_block_ids(self, request_id: str) -> list[int]:
        """Look a request's block table up. Changes nothing.

        Args:
            request_id: any.

        Returns:
            Its block ids, first to last; an empty list if it holds none.
        """
        raise NotImplementedError("Stage 7 · LLMEngine.get_block_ids is not written yet")
