"""Stage 7. The model runner: holds the KV cache, and does what one step's plan says.

Read next in vLLM: `vllm/v1/worker/gpu_model_runner.py` (`_update_states`, `_prepare_inputs`,
`execute_model`). Transfers between device and host are the paper's (Kwon et al., SOSP 2023,
section 4.5); copies inside the device are its copy-on-write (section 4.4).
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from pagedlab.causal_lm import CausalLM
from pagedlab.engine_config import EngineConfig
from pagedlab.request import Request
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
        raise NotImplementedError("Stage 7 · ModelRunner.__init__ is not written yet")

    def fork_request(self, request_id: str, child_id: str) -> None:
        """Let a child begin with its parent's block table. Called between two steps.

        Args:
            request_id: of the parent; it is in the batch, or was itself forked since the last step.
            child_id: of the child.
        """
        raise NotImplementedError("Stage 7 · ModelRunner.fork_request is not written yet")

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
        raise NotImplementedError("Stage 7 · ModelRunner.execute_model is not written yet")

    def get_block_ids(self, request_id: str) -> list[int]:
        """Look up a request's block table as the next step finds it. Changes nothing.

        Args:
            request_id: any.

        Returns:
            Its block ids, first to last; an empty list if it has none.
        """
        raise NotImplementedError("Stage 7 · ModelRunner.get_block_ids is not written yet")
