"""What shared beginnings are worth: hits of a prefix cache, and how requests hang together."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from workload.trace import Trace

LRU_BLOCKS = (1_000, 5_000, 10_000, 20_000, 50_000)
"""Sizes of cache at which hits are measured, in blocks."""


def hit_rate(trace: Trace, blocks: int | None = None) -> float:
    """Give the share of all prompt blocks that a prefix cache has when they are asked for.

    A hit is a block of the longest prefix that is in the cache. The cache evicts the least recently
    used block; of one prompt, later blocks go first.

    Args:
        trace: with blocks.
        blocks: that the cache holds; None for one without a limit.

    Returns:
        A share from 0 to 1.
    """
    cache: OrderedDict[int, None] = OrderedDict()
    hits = asked = 0
    for prompt in trace.blocks:
        for block in prompt:
            if block not in cache:
                break
            hits += 1
        asked += len(prompt)
        for block in reversed(prompt):
            cache[block] = None
            cache.move_to_end(block)
        while blocks is not None and len(cache) > blocks:
            cache.popitem(last=False)
    return hits / max(1, asked)


@dataclass(frozen=True)
class Link:
    """A request that continues an earlier one: the index of both, and the blocks they share."""

    index: int
    before: int
    shared: int


def links(trace: Trace, beyond: int) -> list[Link]:
    """Give every request that shares more than `beyond` leading blocks with an earlier one.

    It continues the latest of those with which it shares the most.
    """
    latest: dict[int, int] = {}
    found = []
    for index, prompt in enumerate(trace.blocks):
        shared = 0
        while shared < len(prompt) and prompt[shared] in latest:
            shared += 1
        if shared > beyond:
            found.append(Link(index, latest[prompt[shared - 1]], shared))
        latest.update(dict.fromkeys(prompt, index))
    return found


def depths(trace: Trace, found: list[Link]) -> list[int]:
    """Give each request its place in its conversation, from 1."""
    result = [1] * len(trace)
    for link in found:
        result[link.index] = result[link.before] + 1
    return result


def sharing(trace: Trace, beyond: int) -> dict[str, float]:
    """Give the statistics of shared prefixes, by name: shares, seconds, requests, hit rates."""
    found = links(trace, beyond)
    turn = np.array(depths(trace, found))
    indices = [link.index for link in found]
    befores = [link.before for link in found]
    counts = np.unique(np.concatenate([np.array(p) for p in trace.blocks]), return_counts=True)[1]
    figures = {f"turn_{depth}": float((turn == depth).mean()) for depth in (1, 2, 3, 4)}
    figures["turn_mean"] = float(turn.mean())
    pauses = trace.arrivals[indices] - trace.arrivals[befores]
    figures["pause_p50"] = float(np.median(pauses)) if found else 0.0
    figures["reuse_p50"] = float(np.median(np.subtract(indices, befores))) if found else 0.0
    figures["blocks_used_once"] = float((counts == 1).mean())
    for size in LRU_BLOCKS:
        figures[f"hits_{size}"] = hit_rate(trace, size)
    figures["hits_unlimited"] = hit_rate(trace)
    return figures
