"""Stage 7. The model runner: holds the KV cache, and does what one step's plan says.

Read next in vLLM: `vllm/v1/worker/gpu_model_runner.py` (`_update_states`, `_prepare_inputs`,
`execute_model`). Transfers between device and host are the paper's (Kwon et al., SOSP 2023,
section 4.5); copies inside the device are its copy-on-write (section 4.4).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from pagedlab.attention_backend import get_attention_backend
from pagedlab.causal_lm import CausalLM
from pagedlab.engine_config import EngineConfig, model_len
from pagedlab.input_batch import InputBatch, ModelInputs
from pagedlab.kv_cache_layout import KVCacheLayout
from pagedlab.request import Request
from pagedlab.sampler import sample_token
from pagedlab.sampling_params import SamplingParams
from pagedlab.sched_output import SchedulerOutput


class ModelRunner:
    """Owns the KV cache on the device and on the host, and the batch."""

    kv_cache: Tensor
    """float32 [layers, 2, blocks, block size, KV heads, head size]; K is 0, V is 1 on axis 1."""
    host_kv_cache: Tensor
    """As `kv_cache`, for the blocks of the swap space and its null block."""

    def __init__(self, model: CausalLM, config: EngineConfig, num_blocks: int) -> None:
        """Make the caches, zeroed, and an empty batch.

        Args:
            model: computes; nobody changes it.
            config: the engine's.
            num_blocks: blocks of the KV cache, the null block among them.

        Raises:
            ValueError: the attention backend cannot be used.
        """
        # BEGIN SOLUTION
        self._backend = get_attention_backend(config.attention_backend)
        self._model = model
        self._device = config.device
        shape = model.config
        self._scale = 1.0 / math.sqrt(shape.head_dim)
        self.kv_cache = _make_cache(model, config.block_size, num_blocks, config.device)
        self.host_kv_cache = _make_cache(model, config.block_size, config.num_host_blocks + 1)
        columns = -(-model_len(config, shape) // config.block_size)
        self._batch = InputBatch(config.max_num_seqs, columns, config.block_size)
        self._forked: dict[str, list[int]] = {}  # tables of children that have no row yet
        # END SOLUTION

    def fork_request(self, request_id: str, child_id: str) -> None:
        """Let a child begin with its parent's block table. Called between two steps.

        Args:
            request_id: of the parent; it is in the batch, or was itself forked since the last step.
            child_id: of the child.
        """
        # BEGIN SOLUTION
        self._forked[child_id] = self.get_block_ids(request_id)
        # END SOLUTION

    def execute_model(
        self,
        output: SchedulerOutput,
        requests: Mapping[str, Request],
        params: Mapping[str, SamplingParams],
    ) -> dict[str, list[int]]:
        """Do one step: bring the batch up to date, transfer, run the model once, draw tokens.

        In this order, for a block may be read, be given away and be written in one and the same
        step: rows of finished and preempted requests go; swap-out, swap-in, copies; then the
        pass. A request that finished may come back under its id in the same plan. If nothing is
        scheduled, the model is not run.

        The token at position p of a request is what `sample_token` draws with its parameters from
        the logits of position p - 1.

        Args:
            output: the step's plan.
            requests: all that are in the plan, by id. They are read only.
            params: of these requests.

        Returns:
            For each request that is scheduled, the token that follows its last one; no token, if
            the step does not reach its last one.
        """
        # BEGIN SOLUTION
        self._update_batch(output)
        self._transfer(output)
        scheduled = output.num_scheduled_tokens
        if not scheduled:
            return {}
        token_ids = {}
        for name, count in scheduled.items():
            start = output.num_computed_tokens[name]
            token_ids[name] = requests[name].token_ids[start : start + count]
        inputs = self._batch.prepare_inputs(token_ids, output.num_computed_tokens)
        complete = [
            output.num_computed_tokens[name] + scheduled[name] == requests[name].num_tokens
            for name in inputs.req_ids
        ]
        last_tokens = (inputs.query_start_loc[1:] - 1)[torch.tensor(complete)]
        rows = iter(self._run(inputs, last_tokens))
        sampled: dict[str, list[int]] = {}
        for name, draws in zip(inputs.req_ids, complete, strict=True):
            position = requests[name].num_tokens
            sampled[name] = [sample_token(next(rows), params[name], position)] if draws else []
        return sampled
        # END SOLUTION

    def get_block_ids(self, request_id: str) -> list[int]:
        """Look up a request's block table as the next step finds it. Changes nothing.

        Args:
            request_id: any.

        Returns:
            Its block ids, first to last; an empty list if it has none.
        """
        # BEGIN SOLUTION
        if request_id in self._forked:
            return list(self._forked[request_id])
        return self._batch.get_block_ids(request_id)
        # END SOLUTION

    # BEGIN SOLUTION
    def _update_batch(self, output: SchedulerOutput) -> None:
        """Take rows away, give rows, and put new block ids behind tables, as the plan says."""
        gone = output.finished_req_ids | output.preempted_req_ids
        for name in gone:
            self._batch.remove_request(name)
        for name, block_ids in self._forked.items():
            if name not in gone:
                self._batch.add_request(name, block_ids)
        self._forked = {}
        copied = set(output.blocks_to_copy)
        whole = output.scheduled_new_req_ids | output.resumed_req_ids
        for name, block_ids in output.new_block_ids.items():
            if name in whole:
                self._batch.add_request(name, block_ids)
            elif block_ids:
                last = self._batch.get_block_ids(name)[-1] if copied else -1
                self._batch.append_block_ids(name, block_ids, (last, block_ids[0]) in copied)

    def _transfer(self, output: SchedulerOutput) -> None:
        device, host = self.kv_cache, self.host_kv_cache
        _copy_blocks(device, host, output.blocks_to_swap_out)
        _copy_blocks(host, device, output.blocks_to_swap_in)
        _copy_blocks(device, device, output.blocks_to_copy)

    def _run(self, inputs: ModelInputs, last_tokens: Tensor) -> Tensor:
        """Run the model; give the logits of some of its tokens, on the CPU."""
        device = self._device
        slots, table = inputs.slot_mapping.to(device), inputs.block_table.to(device)
        lengths, starts = inputs.seq_lens.to(device), inputs.query_start_loc.to(device)

        def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            caches = self.kv_cache[layer, 0], self.kv_cache[layer, 1]
            self._backend.write_kv_cache(key, value, *caches, slots)
            return self._backend.paged_attention(
                query, *caches, table, lengths, starts, self._scale
            )

        with torch.inference_mode():
            token_ids, positions = inputs.token_ids.to(device), inputs.positions.to(device)
            hidden = self._model.hidden_states(token_ids, positions, attend)
            return self._model.logits(hidden[last_tokens.to(device)]).cpu()

    # END SOLUTION


# BEGIN SOLUTION
def _make_cache(model: CausalLM, block_size: int, num_blocks: int, device: str = "cpu") -> Tensor:
    shape = model.config
    sizes = (num_blocks, block_size, shape.num_key_value_heads, shape.head_dim)
    layout = KVCacheLayout.contiguous((shape.num_hidden_layers, 2, *sizes))
    return layout.view(torch.zeros(math.prod(layout.shape), device=device))


def _copy_blocks(source: Tensor, target: Tensor, pairs: Sequence[tuple[int, int]]) -> None:
    """Copy blocks from cache to cache, all layers, keys and values."""
    if pairs:
        old, new = torch.tensor(pairs).unbind(1)
        # Indexing copies, so that no block is written before all have been read.
        target[:, :, new] = source[:, :, old].to(target.device)


# END SOLUTION
