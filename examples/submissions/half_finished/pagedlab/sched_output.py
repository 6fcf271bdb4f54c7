"""What a scheduler is asked for, and what it answers every step. Given.

Read next in vLLM: `vllm/v1/core/sched/output.py` (`SchedulerOutput`) and `vllm/config/scheduler.py`
(`SchedulerConfig`). Simplified here: tables by request id in place of two kinds of request data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

PreemptionMode = Literal["recompute", "swap"]


@dataclass(frozen=True)
class SchedulerConfig:
    """The limits of every step.

    Attributes:
        max_num_batched_tokens: token budget: most tokens that one step computes. At least
            `max_num_seqs`, so that nobody need be left out.
        max_num_seqs: most requests that run at the same time.
        watermark_blocks: blocks that must stay free when a waiting request is admitted beside
            running ones, so that those can grow.
        preemption_mode: what becomes of a victim's KV: thrown away and computed again, or
            moved to the host.
    """

    max_num_batched_tokens: int = 2048
    max_num_seqs: int = 128
    watermark_blocks: int = 0
    preemption_mode: PreemptionMode = "recompute"


@dataclass
class SchedulerOutput:
    """One step's plan, as the model runner gets it.

    Before it runs the step, the runner frees what it holds of finished and preempted requests,
    makes the transfers (swap-out, then swap-in, then copies), and brings its block tables up to
    date. Pairs are (source, destination) block ids.

    Attributes:
        num_scheduled_tokens: tokens to compute by request id, each at least 1, in the order of
            the batch.
        num_computed_tokens: for the same requests, the position of the first of these tokens.
        new_block_ids: for the same requests, block ids. Those of a new or a resumed request are
            its whole table; those of any other are put behind the table that it has, with what
            was copied in `blocks_to_copy` replaced first.
        scheduled_new_req_ids: requests that are scheduled for the first time.
        resumed_req_ids: requests that come back after a preemption.
        preempted_req_ids: requests that have lost their blocks in this step.
        finished_req_ids: requests that finished since the last step was scheduled.
        blocks_to_swap_out: from the device to the host.
        blocks_to_swap_in: from the host to the device.
        blocks_to_copy: inside the device, before anything is written.
    """

    num_scheduled_tokens: dict[str, int] = field(default_factory=dict)
    num_computed_tokens: dict[str, int] = field(default_factory=dict)
    new_block_ids: dict[str, list[int]] = field(default_factory=dict)
    scheduled_new_req_ids: set[str] = field(default_factory=set)
    resumed_req_ids: set[str] = field(default_factory=set)
    preempted_req_ids: set[str] = field(default_factory=set)
    finished_req_ids: set[str] = field(default_factory=set)
    blocks_to_swap_out: list[tuple[int, int]] = field(default_factory=list)
    blocks_to_swap_in: list[tuple[int, int]] = field(default_factory=list)
    blocks_to_copy: list[tuple[int, int]] = field(default_factory=list)

    @property
    def total_num_scheduled_tokens(self) -> int:
        """Number of tokens that the step computes."""
        return sum(self.num_scheduled_tokens.values())
