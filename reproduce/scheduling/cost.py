"""How long a step takes: fixed + per_token * tokens + per_kv_token * KV tokens + transfers.

That is the reference's `CostModel`; here are constants for it. They are a roofline of published
peaks, or fitted to published measurements; nothing was measured here. `fit.py` fits them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pagedlab.sched_output import SchedulerOutput
from pagedlab.simulator import CostModel
from reproduce.machine import KV_BYTES, Clock

LAYERS_13B = 40
KV_BYTES_70B = 2 * 80 * 8 * 128 * 2
"""Llama-2-70B in fp16: 80 layers, 8 KV heads of 128, K and V: 327,680 bytes a token."""
LAYERS_70B = 80

A100_13B = CostModel(
    fixed=Clock.weights + Clock.fixed,
    per_token=Clock.prompt_token,
    per_kv_token=Clock.kv_token,
    per_swapped_block=0.0,
)
"""A 13B model on one A100: the peaks of `machine.py`, all parts added up. The base of all runs."""

A100_70B = CostModel(0.0431, 0.1134e-3, 0.521e-6, 0.0)
H100_70B = CostModel(0.0296, 0.0542e-3, 0.425e-6, 0.0)
"""Llama-2-70B on 8 A100 and on 8 H100: `python -m reproduce.scheduling.fit` on the measurements of
Patel et al., Splitwise, ISCA 2024 (github.com/Mutinifni/splitwise-sim, `data/perf_model.csv`, MIT).
It is off by 7 % of a step on average, and by 37 % at most: small prompts."""


@dataclass(frozen=True)
class Roofline(CostModel):
    """As `A100_13B`, but tokens are free as long as reading the weights takes longer."""

    fixed: float = Clock.fixed
    per_token: float = Clock.prompt_token
    per_kv_token: float = Clock.kv_token
    per_swapped_block: float = 0.0
    weights: float = Clock.weights

    def seconds(self, output: SchedulerOutput) -> float:
        """Give the time that a step takes."""
        hidden = min(self.weights, self.per_token * output.total_num_scheduled_tokens)
        return super().seconds(output) + self.weights - hidden


@dataclass(frozen=True)
class Link:
    """The way between device and host. A block is moved by one copy for each layer's K and V.

    `bandwidth` is in bytes a second, `launch` the seconds that each copy takes however small it is.
    """

    name: str
    bandwidth: float
    launch: float = 10e-6

    def block_seconds(self, block_size: int, kv_bytes: int, layers: int) -> float:
        """Give the seconds that one block takes, one way."""
        return 2 * layers * self.launch + block_size * kv_bytes / self.bandwidth


PCIE_3, PCIE_4, PCIE_5 = (
    Link("PCIe 3, 12 GB/s", 12e9),
    Link("PCIe 4, 25 GB/s", 25e9),
    Link("PCIe 5, 50 GB/s", 50e9),
)
"""Three quarters of the nominal 16, 32 and 64 GB/s of 16 lanes. That, and 10 µs a copy, are guesses
of the usual size."""


def with_link(cost: CostModel, link: Link, block_size: int) -> CostModel:
    """Give the 13B model's cost with swapping by a link."""
    seconds = link.block_seconds(block_size, KV_BYTES, LAYERS_13B)
    return replace(cost, per_swapped_block=seconds)


def alone_seconds(prompt: int, output: int, cost: CostModel) -> float:
    """Give the seconds of a request that has the server to itself, its prompt in one piece.

    It is computed in `output` steps: the first has the prompt, each later one the token before.
    """
    kv_tokens = output * prompt + output * (output - 1) / 2
    work = cost.per_token * (prompt + output - 1) + cost.per_kv_token * kv_tokens
    return cost.fixed * output + work
