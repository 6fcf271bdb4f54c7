"""What one preemption costs: computing a request's tokens again, or moving its blocks."""

from __future__ import annotations

from collections.abc import Iterator

from pagedlab.simulator import CostModel
from reproduce.machine import KV_BYTES
from reproduce.scheduling.cost import (
    A100_13B,
    A100_70B,
    H100_70B,
    KV_BYTES_70B,
    LAYERS_13B,
    LAYERS_70B,
    PCIE_3,
    PCIE_4,
    PCIE_5,
    Link,
)
from reproduce.tables import table

LINKS = (PCIE_3, PCIE_4, PCIE_5)
TOKENS = (64, 256, 1024, 4096)
MODELS: dict[str, tuple[CostModel, int, int]] = {
    "13B on one A100": (A100_13B, KV_BYTES, LAYERS_13B),
    "70B on 8 A100": (A100_70B, KV_BYTES_70B // 8, LAYERS_70B),
    "70B on 8 H100": (H100_70B, KV_BYTES_70B // 8, LAYERS_70B),
}
"""Cost of a step, KV bytes a token over each link, layers. Each of 8 devices has a link."""


def recompute_seconds(tokens: int, cost: CostModel, alone: bool = False) -> float:
    """Give what computing a request's tokens again adds to a step, or takes in one of its own."""
    work = cost.per_token * tokens + cost.per_kv_token * tokens
    return work + (cost.fixed if alone else 0.0)


def swap_seconds(tokens: int, block_size: int, link: Link, kv_bytes: int, layers: int) -> float:
    """Give what moving a request's blocks out and in again takes."""
    blocks = -(-tokens // block_size)
    return 2 * blocks * link.block_seconds(block_size, kv_bytes, layers)


def crossing(cost: CostModel, link: Link, kv_bytes: int, layers: int) -> float:
    """Give the block size from which on swapping a full block is cheaper; inf if it never is."""
    saved = cost.per_token + cost.per_kv_token - 2 * kv_bytes / link.bandwidth
    return 4 * layers * link.launch / saved if saved > 0 else float("inf")


def recompute_over_swap(block_size: int, link: Link) -> float:
    """Give how many times the seconds of swapping recomputing takes, for 1,024 tokens."""
    swapping = swap_seconds(1024, block_size, link, KV_BYTES, LAYERS_13B)
    return recompute_seconds(1024, A100_13B) / swapping


def by_length() -> Iterator[str]:
    """Show what a preemption costs, by length."""
    rows = []
    for tokens in TOKENS:
        times = [recompute_seconds(tokens, A100_13B, alone) for alone in (False, True)]
        times += [swap_seconds(tokens, 16, link, KV_BYTES, LAYERS_13B) for link in LINKS]
        rows.append([str(tokens), *(f"{1000 * seconds:.1f} ms" for seconds in times)])
    heads = ["tokens", "recomputed beside others", "in a step of its own"]
    yield from table([*heads, *(f"swapped by {link.name}" for link in LINKS)], rows)


def crossings() -> Iterator[str]:
    """Show the block size where the two cost the same, by model and link."""
    rows = []
    for name, (cost, kv_bytes, layers) in MODELS.items():
        found = [crossing(cost, link, kv_bytes, layers) for link in LINKS]
        rows.append([name, *(f"{size:.0f}" if size < 1e4 else "never" for size in found)])
    yield from table(["model", *(link.name for link in LINKS)], rows)
