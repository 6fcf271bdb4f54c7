"""Tables as lists beside the requests; a batch object is made anew for every step."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from pagedlab.attention_backend import get_attention_backend
from pagedlab.causal_lm import CausalLM
from pagedlab.engine_config import EngineConfig, model_len
from pagedlab.input_batch import InputBatch
from pagedlab.request import Request
from pagedlab.sampler import sample_token
from pagedlab.sampling_params import SamplingParams
from pagedlab.sched_output import SchedulerOutput


class ModelRunner:
    """Runs plans."""

    def __init__(self, model: CausalLM, config: EngineConfig, num_blocks: int) -> None:
        self.backend = get_attention_backend(config.attention_backend)
        self.model, self.config = model, config
        self.kv_cache = self.make_cache(num_blocks)
        self.host_kv_cache = self.make_cache(1 + config.num_host_blocks)
        self.tables: dict[str, list[int]] = {}

    def make_cache(self, blocks: int) -> Tensor:
        """Memory for so many blocks."""
        shape = self.model.config
        block = (self.config.block_size, shape.num_key_value_heads, shape.head_dim)
        return torch.zeros(shape.num_hidden_layers, 2, blocks, *block)

    def fork_request(self, request_id: str, child_id: str) -> None:
        """Copy a table."""
        self.tables[child_id] = self.tables[request_id].copy()

    def get_block_ids(self, request_id: str) -> list[int]:
        """Its table."""
        return self.tables.get(request_id, []).copy()

    def execute_model(
        self,
        output: SchedulerOutput,
        requests: Mapping[str, Request],
        params: Mapping[str, SamplingParams],
    ) -> dict[str, list[int]]:
        """Run a plan."""
        for name in output.finished_req_ids.union(output.preempted_req_ids):
            if name in self.tables:
                del self.tables[name]
        self.move(output)
        for name, ids in output.new_block_ids.items():
            if name in output.scheduled_new_req_ids.union(output.resumed_req_ids):
                self.tables[name] = []
            table = self.tables[name]
            if table and ids and (table[-1], ids[0]) in output.blocks_to_copy:
                table.pop()
            table.extend(ids)
        return self.run(output, requests, params) if output.num_scheduled_tokens else {}

    def move(self, output: SchedulerOutput) -> None:
        """Out, in, copies."""
        device, host = self.kv_cache, self.host_kv_cache
        for old, new in output.blocks_to_swap_out:
            host[:, :, new] = device[:, :, old]
        for old, new in output.blocks_to_swap_in:
            device[:, :, new] = host[:, :, old]
        if output.blocks_to_copy:
            before = device.clone()
            for old, new in output.blocks_to_copy:
                device[:, :, new] = before[:, :, old]

    def run(
        self,
        output: SchedulerOutput,
        requests: Mapping[str, Request],
        params: Mapping[str, SamplingParams],
    ) -> dict[str, list[int]]:
        """One pass."""
        size = self.config.block_size
        columns = -(-model_len(self.config, self.model.config) // size)
        names = sorted(output.num_scheduled_tokens)
        batch = InputBatch(len(names), columns, size)
        tokens = {}
        for name in names:
            batch.add_request(name, self.tables[name])
            first = output.num_computed_tokens[name]
            last = first + output.num_scheduled_tokens[name]
            tokens[name] = requests[name].token_ids[first:last]
        inputs = batch.prepare_inputs(tokens, output.num_computed_tokens)

        @torch.no_grad()
        def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            keys, values = self.kv_cache[layer]
            self.backend.write_kv_cache(key, value, keys, values, inputs.slot_mapping)
            return self.backend.paged_attention(
                query,
                keys,
                values,
                inputs.block_table,
                inputs.seq_lens,
                inputs.query_start_loc,
                self.model.config.head_dim ** (-1 / 2),
            )

        hidden = self.model.hidden_states(inputs.token_ids, inputs.positions, attend)
        said: dict[str, list[int]] = {}
        for place, name in enumerate(inputs.req_ids):
            request = requests[name]
            said[name] = []
            if int(inputs.seq_lens[place]) == request.num_tokens:
                row = int(inputs.query_start_loc[place + 1]) - 1
                logits = self.model.logits(hidden[row : row + 1])[0]
                said[name].append(sample_token(logits.detach(), params[name], request.num_tokens))
        return said
