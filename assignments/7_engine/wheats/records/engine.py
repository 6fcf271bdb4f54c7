"""One record a request; numbers are worked out from a list of plans when they are asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pagedlab.block_pool import BlockPool
from pagedlab.causal_lm import CausalLM
from pagedlab.engine_config import EngineConfig, make_policy, model_len, num_kv_blocks
from pagedlab.input_processor import InputProcessor
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.model_runner import ModelRunner
from pagedlab.output_processor import make_output
from pagedlab.outputs import EngineStats, RequestOutput
from pagedlab.request import Request, RequestStatus
from pagedlab.sampling_params import SamplingParams
from pagedlab.sched_output import SchedulerConfig
from pagedlab.scheduler import Scheduler


@dataclass
class Record:
    """A request and what was asked for with it."""

    request: Request
    params: SamplingParams


class LLMEngine:
    """Serves a model."""

    def __init__(self, model: CausalLM, config: EngineConfig) -> None:
        self.blocks = num_kv_blocks(config, model.config)
        length = model_len(config, model.config)
        self.config = config
        self.pools = [BlockPool(self.blocks)]
        if config.num_host_blocks > 0:
            self.pools.append(BlockPool(1 + config.num_host_blocks))
        self.kv_cache_manager = KVCacheManager(
            block_size=config.block_size,
            block_pool=self.pools[0],
            enable_caching=config.enable_prefix_caching,
        )
        self.scheduler = Scheduler(
            SchedulerConfig(
                max_num_batched_tokens=config.max_num_batched_tokens,
                max_num_seqs=config.max_num_seqs,
                watermark_blocks=config.watermark_blocks,
                preemption_mode=config.preemption_mode,
            ),
            kv_cache_manager=self.kv_cache_manager,
            policy=make_policy(config.policy),
            host_pool=self.pools[1] if config.num_host_blocks > 0 else None,
        )
        self.model_runner = ModelRunner(model, config, self.blocks)
        vocabulary = model.config.vocab_size
        slots = config.block_size * (self.blocks - 1)
        self.door = InputProcessor(vocabulary, length, slots)
        self.records: list[Record] = []
        self.numbers = [0] * 6

    def find(self, request_id: str) -> Record | None:
        """The record of an unfinished request."""
        for record in self.records:
            if record.request.request_id == request_id:
                return record
        return None

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
        """Let it wait."""
        made = self.door.process_inputs(request_id, prompt_token_ids, params)
        if self.find(request_id) is not None:
            raise ValueError(f"{request_id} is being served")
        made.client = client
        made.deadline = deadline
        made.priority = priority
        self.records.append(Record(made, params))
        self.scheduler.add_request(made)

    def fork_request(self, request_id: str, child_id: str, params: SamplingParams) -> None:
        """Let a child go on."""
        parent = self.find(request_id)
        if not parent or parent.request.status != RequestStatus.RUNNING or self.find(child_id):
            raise ValueError(f"{request_id} cannot be forked to {child_id}")
        child = parent.request.fork(child_id)
        self.scheduler.fork_request(request_id, child)
        self.model_runner.fork_request(request_id, child_id)
        self.records.append(Record(child, params))

    def abort_request(self, request_id: str) -> RequestOutput | None:
        """End it."""
        record = self.find(request_id)
        if record is None:
            return None
        self.scheduler.finish_requests({request_id})
        self.records.remove(record)
        return make_output(record.request, [])

    def has_unfinished_requests(self) -> bool:
        """Is anybody there?"""
        return len(self.records) > 0

    def step(self) -> list[RequestOutput]:
        """Schedule, run, take in."""
        plan = self.scheduler.schedule()
        requests = {one.request.request_id: one.request for one in self.records}
        params = {one.request.request_id: one.params for one in self.records}
        said = self.model_runner.execute_model(plan, requests, params)
        fresh = [requests[name] for name in plan.scheduled_new_req_ids]
        told = self.scheduler.update_from_output(plan, said)
        news = [
            1 if plan.num_scheduled_tokens else 0,
            plan.total_num_scheduled_tokens,
            sum(len(tokens) for tokens in told.values()),
            sum(one.num_prompt_tokens for one in fresh),
            sum(one.num_cached_tokens for one in fresh),
            len(plan.preempted_req_ids),
        ]
        self.numbers = [old + new for old, new in zip(self.numbers, news, strict=True)]
        outputs = []
        for record in list(self.records):
            name = record.request.request_id
            if name in told:
                outputs.append(make_output(record.request, told[name]))
            if record.request.status.is_finished:
                self.records.remove(record)
        return outputs

    def stats(self) -> EngineStats:
        """Numbers."""
        free = [pool.get_num_free_blocks() for pool in self.pools] + [0]
        host = self.config.num_host_blocks
        counts = self.scheduler.get_request_counts()
        return EngineStats(*counts, self.blocks - 1, free[0], host, free[1], *self.numbers)

    def get_block_ids(self, request_id: str) -> list[int]:
        """Its table."""
        record = self.find(request_id)
        return self.kv_cache_manager.get_block_ids(record.request) if record else []
