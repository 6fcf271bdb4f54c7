"""Performance: the cost of each operation in a pool of 10^3 and of 10^6 blocks."""

from __future__ import annotations

from typing import Any

from autograder.judge.rules import Judge, rule


def verify(case: str, outputs: Any) -> str:
    """Say what is wrong with the blocks that a slice of work brought, or ""."""
    blocks = outputs["blocks"]
    ids = [block[0] for block in blocks]
    holders = {block[1] for block in blocks}
    hashes = [block[2] for block in blocks]
    if len(set(ids)) != len(ids) or not ids:
        return f"not all different blocks: {ids}"
    if holders != ({0} if case == "free" else {1}):
        return f"blocks with {sorted(holders)} holders after {case}"
    if case == "hit" and hashes != outputs["labels"]:
        return "a lookup found a block with another hash"
    if case in ("allocate", "evict") and any(label is not None for label in hashes):
        return "a block was handed out with its old hash"
    return ""


@rule("1.P1")
def test_allocating_costs_the_same_at_any_size(judge: Judge) -> None:
    judge.measure(("free", "allocate"), verify)


@rule("1.P2")
def test_giving_back_costs_the_same_at_any_size(judge: Judge) -> None:
    judge.measure(("free", "allocate"), verify)


@rule("1.P3")
def test_a_hit_costs_the_same_at_any_size(judge: Judge) -> None:
    judge.measure(("hit", "restore"), verify)


@rule("1.P4")
def test_an_eviction_costs_the_same_at_any_size(judge: Judge) -> None:
    judge.measure(("evict", "restore"), verify)
