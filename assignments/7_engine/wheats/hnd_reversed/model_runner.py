"""Another layout in memory, the batch in reverse, all rows scored, transfers block by block."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from pagedlab.attention_backend import get_attention_backend
from pagedlab.causal_lm import CausalLM
from pagedlab.engine_config import EngineConfig, model_len
from pagedlab.input_batch import InputBatch
from pagedlab.kv_cache_layout import HND, KVCacheLayout
from pagedlab.request import Request
from pagedlab.sampler import sample_token
from pagedlab.sampling_params import SamplingParams
from pagedlab.sched_output import SchedulerOutput


class ModelRunner:
    """Runs plans."""

    def __init__(self, model: CausalLM, config: EngineConfig, num_blocks: int) -> None:
        self.backend = get_attention_backend(config.attention_backend)
        self.model = model
        shape = model.config
        self.scale = shape.head_dim**-0.5
        caches = []
        for blocks in (num_blocks, config.num_host_blocks + 1):
            layers, heads, size = shape.num_hidden_layers, shape.num_key_value_heads, shape.head_dim
            layout = KVCacheLayout.contiguous(
                (layers, 2, blocks, config.block_size, heads, size), HND
            )
            room = layers * 2 * blocks * config.block_size * heads * size
            caches.append(layout.view(torch.zeros(room)))
        self.kv_cache, self.host_kv_cache = caches
        # A child is in the batch at once, beside those that have ended and are not taken out yet.
        columns = -(-model_len(config, shape) // config.block_size)
        self.batch = InputBatch(2 * config.max_num_seqs, columns, config.block_size)

    def fork_request(self, request_id: str, child_id: str) -> None:
        """Give the child a row of its own."""
        self.batch.add_request(child_id, self.batch.get_block_ids(request_id))

    def get_block_ids(self, request_id: str) -> list[int]:
        """Its table."""
        return self.batch.get_block_ids(request_id)

    def execute_model(
        self,
        output: SchedulerOutput,
        requests: Mapping[str, Request],
        params: Mapping[str, SamplingParams],
    ) -> dict[str, list[int]]:
        """Run a plan."""
        for name in list(output.finished_req_ids) + list(output.preempted_req_ids):
            self.batch.remove_request(name)
        moves = [(self.kv_cache, self.host_kv_cache, pair) for pair in output.blocks_to_swap_out]
        moves += [(self.host_kv_cache, self.kv_cache, pair) for pair in output.blocks_to_swap_in]
        for source, target, (old, new) in moves:
            target[:, :, new] = source[:, :, old]
        read = [self.kv_cache[:, :, old].clone() for old, _ in output.blocks_to_copy]
        for block, (_, new) in zip(read, output.blocks_to_copy, strict=True):
            self.kv_cache[:, :, new] = block
        for name, ids in output.new_block_ids.items():
            table = self.batch.get_block_ids(name)
            if name in output.scheduled_new_req_ids or name in output.resumed_req_ids:
                self.batch.add_request(name, ids)
            elif ids:
                self.batch.append_block_ids(name, ids, (table[-1], ids[0]) in output.blocks_to_copy)
        if not output.num_scheduled_tokens:
            return {}
        return self.run(output, requests, params)

    def run(
        self,
        output: SchedulerOutput,
        requests: Mapping[str, Request],
        params: Mapping[str, SamplingParams],
    ) -> dict[str, list[int]]:
        """One pass, and a draw for everybody whose tokens are all computed."""
        starts = output.num_computed_tokens
        order = list(reversed(output.num_scheduled_tokens))
        ends = {name: starts[name] + output.num_scheduled_tokens[name] for name in order}
        tokens = {name: requests[name].token_ids[starts[name] : ends[name]] for name in order}
        given = self.batch.prepare_inputs(tokens, starts)

        def attend(
            layer: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor
        ) -> torch.Tensor:
            keys, values = self.kv_cache[layer].unbind(0)
            self.backend.write_kv_cache(key, value, keys, values, given.slot_mapping)
            lists = (given.block_table, given.seq_lens, given.query_start_loc)
            return self.backend.paged_attention(query, keys, values, *lists, self.scale)

        with torch.no_grad():
            hidden = self.model.hidden_states(given.token_ids, given.positions, attend)
            logits = self.model.logits(hidden)
        said: dict[str, list[int]] = {}
        for row, name in enumerate(given.req_ids):
            said[name] = []
            if ends[name] == len(requests[name].token_ids):
                last = int(given.query_start_loc[row + 1]) - 1
                said[name] += [sample_token(logits[last], params[name], ends[name])]
        return said
