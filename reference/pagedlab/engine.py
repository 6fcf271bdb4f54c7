"""Stage 7. The engine: continuous batching over all the stages before.

Read next in vLLM: `vllm/v1/engine/llm_engine.py` (`LLMEngine`) and `vllm/v1/engine/core.py`
(`EngineCore.step`). Simplified here: one process, no tokenizer; requests are forked by the caller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pagedlab.block_pool import BlockPool
from pagedlab.causal_lm import CausalLM
from pagedlab.engine_config import (
    EngineConfig,
    make_policy,
    model_len,
    num_kv_blocks,
    scheduler_config,
)
from pagedlab.input_processor import InputProcessor
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.model_runner import ModelRunner
from pagedlab.output_processor import make_output
from pagedlab.outputs import EngineStats, RequestOutput
from pagedlab.request import Request, RequestStatus
from pagedlab.sampling_params import SamplingParams
from pagedlab.sched_output import SchedulerOutput
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
        # BEGIN SOLUTION
        num_blocks = num_kv_blocks(config, model.config)
        self._num_usable = num_blocks - 1
        slots = self._num_usable * config.block_size
        limit = model_len(config, model.config)
        self._processor = InputProcessor(model.config.vocab_size, limit, slots)
        self._config = config
        self._pool = BlockPool(num_blocks)
        self._host_pool = BlockPool(config.num_host_blocks + 1) if config.num_host_blocks else None
        self.kv_cache_manager = KVCacheManager(
            config.block_size, self._pool, config.enable_prefix_caching
        )
        self.scheduler = Scheduler(
            scheduler_config(config),
            self.kv_cache_manager,
            make_policy(config.policy),
            self._host_pool,
        )
        self.model_runner = ModelRunner(model, config, num_blocks)
        self._requests: dict[str, Request] = {}
        self._params: dict[str, SamplingParams] = {}
        self._num_steps = self._num_computed = self._num_generated = 0
        self._num_queried = self._num_hit = self._num_preemptions = 0
        # END SOLUTION

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
        # BEGIN SOLUTION
        self._check_new(request_id)
        request = self._processor.process_inputs(request_id, prompt_token_ids, params)
        request.priority, request.deadline, request.client = priority, deadline, client
        self.scheduler.add_request(request)
        self._requests[request_id], self._params[request_id] = request, params
        # END SOLUTION

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
        # BEGIN SOLUTION
        self._check_new(child_id)
        parent = self._requests.get(request_id)
        if parent is None or parent.status is not RequestStatus.RUNNING:
            raise ValueError(f"request {request_id!r} is not running")
        child = parent.fork(child_id)
        self.scheduler.fork_request(request_id, child)
        self.model_runner.fork_request(request_id, child_id)
        self._requests[child_id], self._params[child_id] = child, params
        # END SOLUTION

    def abort_request(self, request_id: str) -> RequestOutput | None:
        """End a request. What it holds is free at once, on the device and on the host.

        Args:
            request_id: any.

        Returns:
            Its last output, without tokens; None if there is no unfinished request of that id.
        """
        # BEGIN SOLUTION
        if request_id not in self._requests:
            return None
        self.scheduler.finish_requests([request_id])
        return self._output(self._requests[request_id], ())
        # END SOLUTION

    def has_unfinished_requests(self) -> bool:
        """True as long as there is a request to serve."""
        # BEGIN SOLUTION
        return bool(self._requests)
        # END SOLUTION

    def step(self) -> list[RequestOutput]:
        """Plan a step, run it, take its tokens in.

        Returns:
            One output for each request that got a token, in the order of the plan; none if no
            request is unfinished.
        """
        # BEGIN SOLUTION
        if not self._requests:
            return []
        plan = self.scheduler.schedule()
        sampled = self.model_runner.execute_model(plan, self._requests, self._params)
        self._count(plan)
        emitted = self.scheduler.update_from_output(plan, sampled)
        self._num_generated += sum(map(len, emitted.values()))
        return [self._output(self._requests[name], new) for name, new in emitted.items()]
        # END SOLUTION

    def stats(self) -> EngineStats:
        """Take a snapshot. Changes nothing."""
        # BEGIN SOLUTION
        num_running, num_waiting = self.scheduler.get_request_counts()
        host = self._host_pool
        return EngineStats(
            num_running_reqs=num_running,
            num_waiting_reqs=num_waiting,
            num_blocks=self._num_usable,
            num_free_blocks=self._pool.get_num_free_blocks(),
            num_host_blocks=self._config.num_host_blocks,
            num_free_host_blocks=host.get_num_free_blocks() if host else 0,
            num_steps=self._num_steps,
            num_computed_tokens=self._num_computed,
            num_generated_tokens=self._num_generated,
            prefix_cache_queries=self._num_queried,
            prefix_cache_hits=self._num_hit,
            num_preemptions=self._num_preemptions,
        )
        # END SOLUTION

    def get_block_ids(self, request_id: str) -> list[int]:
        """Look a request's block table up. Changes nothing.

        Args:
            request_id: any.

        Returns:
            Its block ids, first to last; an empty list if it holds none.
        """
        # BEGIN SOLUTION
        request = self._requests.get(request_id)
        return self.kv_cache_manager.get_block_ids(request) if request else []
        # END SOLUTION

    # BEGIN SOLUTION
    def _check_new(self, request_id: str) -> None:
        if request_id in self._requests:
            raise ValueError(f"request {request_id!r} is not finished yet")

    def _count(self, plan: SchedulerOutput) -> None:
        self._num_steps += bool(plan.num_scheduled_tokens)
        self._num_computed += plan.total_num_scheduled_tokens
        self._num_preemptions += len(plan.preempted_req_ids)
        for name in plan.scheduled_new_req_ids:
            self._num_queried += self._requests[name].num_tokens
            self._num_hit += self._requests[name].num_cached_tokens

    def _output(self, request: Request, new_token_ids: Sequence[int]) -> RequestOutput:
        """News of a request; forgets it if it has ended."""
        output = make_output(request, new_token_ids)
        if output.finished:
            del self._requests[request.request_id], self._params[request.request_id]
        return output

    # END SOLUTION
