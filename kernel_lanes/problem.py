"""Tensors of a paged attention batch, and what comes out of it, computed slowly and in float64."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch

from kernel_lanes.shapes import PagedShape
from kernel_lanes.virtual import virtual_tensor
from kernel_lanes.watching import Watch

UNUSED_KEY, UNUSED_VALUE = 100.0, 1e4
"""What stands in slots that belong to nobody: a kernel that reads them shows it."""


@dataclass(frozen=True, eq=False)
class Problem:
    """One batch. Block 0 is nobody's, as in vLLM, and tables are shuffled.

    Attributes:
        shape: its sizes.
        query: [tokens, heads, head size].
        key_cache, value_cache: [blocks, block size, KV heads, head size].
        block_table: [sequences, most blocks], int32; 0 behind a sequence's blocks.
        seq_lens: [sequences], int32: all tokens.
        query_start_loc: [sequences + 1], int32: first row of each sequence's new tokens.
        scale: of the scores.
        readable: [blocks, block size]: slots that hold a token.
    """

    shape: PagedShape
    query: torch.Tensor
    key_cache: torch.Tensor
    value_cache: torch.Tensor
    block_table: torch.Tensor
    seq_lens: torch.Tensor
    query_start_loc: torch.Tensor
    scale: float
    readable: torch.Tensor

    def run(self, function: Any) -> Any:
        """Call a `paged_attention` on it."""
        tensors = (self.query, self.key_cache, self.value_cache)
        index = (self.block_table, self.seq_lens, self.query_start_loc)
        return function(*tensors, *index, self.scale)

    def declare(self, watch: Watch, slots: bool = True) -> None:
        """Name its arrays to a watch; with `slots`, forbid to read those that hold no token."""
        readable = self.readable if slots else None
        watch.declare("key_cache", self.key_cache, readable)
        watch.declare("value_cache", self.value_cache, readable)
        for name in ("query", "block_table", "seq_lens", "query_start_loc"):
            watch.declare(name, getattr(self, name))


def build(shape: PagedShape, seed: int = 0, virtual: bool = False) -> Problem:
    """Make a batch.

    Args:
        shape: its sizes.
        seed: of the numbers and of the tables.
        virtual: leave the caches and the query empty, without memory, for kernels that do not run.
    """
    random = torch.Generator().manual_seed(seed)
    dtype: torch.dtype = getattr(torch, shape.dtype)
    table, lengths, starts = _tables(shape, random)
    blocks = shape.blocks + 1
    size = (blocks, shape.block_size, shape.kv_heads, shape.head_size)
    rows = (shape.tokens, shape.heads, shape.head_size)
    readable = torch.zeros(blocks, shape.block_size, dtype=torch.bool)
    if virtual:
        query, keys, values = (virtual_tensor(one, dtype) for one in (rows, size, size))
    else:
        for row, length in zip(table, lengths.tolist(), strict=True):
            held = row[: -(-length // shape.block_size)].long()
            filled = torch.arange(held.numel() * shape.block_size) < length
            readable[held] = filled.view(-1, shape.block_size)
        query = torch.randn(rows, generator=random).mul(2).to(dtype)
        keys = torch.randn(size, generator=random)
        values = torch.randn(size, generator=random) + 0.5  # a mean that zeros do not have
        keys[~readable], values[~readable] = UNUSED_KEY, UNUSED_VALUE
        keys, values = keys.to(dtype), values.to(dtype)
    scale = 1 / math.sqrt(shape.head_size)
    return Problem(shape, query, keys, values, table, lengths, starts, scale, readable)


def expected(problem: Problem) -> torch.Tensor:
    """The result, in float64: one sequence at a time, over gathered keys and values."""
    shape, parts = problem.shape, []
    group = shape.heads // shape.kv_heads
    rows = problem.query.double().split([new for new, _ in shape.sequences])
    for table, query, (new, total) in zip(problem.block_table, rows, shape.sequences, strict=True):
        held = table[: -(-total // shape.block_size)].long()
        keys, values = (
            cache[held].flatten(0, 1)[:total].double().repeat_interleave(group, 1)
            for cache in (problem.key_cache, problem.value_cache)
        )
        position = torch.arange(total, device=query.device)
        seen = position[None, :] <= position[total - new :, None]
        scores = torch.einsum("thd,shd->hts", query, keys) * problem.scale
        weights = scores.masked_fill(~seen, -math.inf).softmax(-1)
        parts.append(torch.einsum("hts,shd->thd", weights, values))
    return torch.cat(parts)


def _tables(
    shape: PagedShape, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Block table, lengths and starts; blocks are dealt out in a random order."""
    counts = [-(-total // shape.block_size) for _, total in shape.sequences]
    table = torch.zeros(len(counts), max(counts), dtype=torch.int32)
    order = torch.randperm(shape.blocks, generator=random).int() + 1
    for row, part in zip(table, order.split(counts), strict=True):
        row[: part.numel()] = part
    lengths = torch.tensor([total for _, total in shape.sequences], dtype=torch.int32)
    new = torch.tensor([0, *(new for new, _ in shape.sequences)])
    return table, lengths, new.cumsum(0).int()
