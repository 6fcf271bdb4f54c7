"""The numbers of a batch. Each kind of mistake changes the output by far more than rounding does.

Scores have a standard deviation near 3, so that softmax is neither flat nor one key alone. V has a
mean of its own in each head. Needles, keys that score high and whose V is like no other, lie at the
first and the last token, at the edges of blocks, of tiles of keys, and in the middle. What no
sequence holds is poison, in the tails of blocks, in free blocks, and in the table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from autograder.paged_batch.spec import BatchSpec

Array = NDArray[np.float64]
NEEDLE, ALONG, SPREAD = 0.42, 2.0, 2.4
"""Length of a needle along its head's direction; of a query along it; of a query across it."""
TILES = (32, 64, 128)
"""Keys that kernels like to take at once: needles lie at both sides of these edges."""
GARBAGE = (-1, 1 << 30, -(1 << 31), 999_999)
"""Entries of the table that nobody may follow."""
HUGE_KEY, HUGE_VALUE = 100.0, 1e4


@dataclass(frozen=True)
class Batch:
    """A batch's arrays, in exactly the numbers that its dtype has.

    Attributes:
        query: [tokens, heads, head size].
        keys: [blocks, block size, KV heads, head size], with poison.
        values: as `keys`.
        held: [blocks, block size], True where a token's K and V lie.
        table: int32 [rows, columns], with garbage behind each sequence's blocks.
        scale: of the scores.
    """

    query: Array
    keys: Array
    values: Array
    held: NDArray[np.bool_]
    table: NDArray[np.int32]
    scale: float


@lru_cache(maxsize=8)
def draw(spec: BatchSpec) -> Batch:
    """Make a batch's arrays. They are shared: nobody may change them."""
    random = np.random.Generator(np.random.PCG64(spec.seed))
    table, num_blocks = _draw_table(spec, random)
    shape = (num_blocks, spec.block_size, spec.num_kv_heads, spec.head_size)
    held = np.zeros(shape[:2], dtype=bool)
    poison = (HUGE_KEY, HUGE_VALUE) if spec.poison == "huge" else (np.nan, np.nan)
    keys, values = (np.full(shape, one) for one in poison)
    directions = _directions(spec, random)
    means = np.linspace(-1.5, 2.5, spec.num_kv_heads)[None, :, None]
    for sequence, length in enumerate(spec.seq_lens):
        positions = np.arange(length)
        blocks = table[sequence, positions // spec.block_size]
        at = blocks, positions % spec.block_size
        new = random.standard_normal((2, length, *shape[2:]))
        new[1] += means
        for number, position in enumerate(needles(length, spec.block_size)):
            new[0, position] = NEEDLE * directions + 0.1 * new[0, position]
            new[1, position] = means[0] + (4 + number) * (-1) ** number
        free = ~held[at]
        where = at[0][free], at[1][free]
        keys[where], values[where] = new[0][free], new[1][free]
        held[at] = True
    query = SPREAD * random.standard_normal((spec.num_tokens, spec.num_heads, spec.head_size))
    query += ALONG * directions.repeat(spec.group, axis=0)[None]
    query, keys, values = (rounded(one, spec.dtype) for one in (spec.gain * query, keys, values))
    return Batch(query, keys, values, held, table, spec.head_size**-0.5)


@lru_cache(maxsize=8)
def decoy(spec: BatchSpec) -> Batch:
    """The same batch with other numbers in query, keys and values, poison among none of them.

    They lie in the tensors while no kernel runs: what follows from them was no kernel's work.
    """
    batch, random = draw(spec), np.random.Generator(np.random.PCG64([spec.seed, 1]))
    query, keys, values = (
        rounded(2.0 * random.standard_normal(one.shape), spec.dtype)
        for one in (batch.query, batch.keys, batch.values)
    )
    return replace(batch, query=query, keys=keys, values=values)


def needles(length: int, block_size: int) -> list[int]:
    """Positions of needles in a sequence: the ends, the middle, and both sides of edges."""
    last = (length - 1) // block_size * block_size
    edges = [block_size, last, *TILES, 2 * TILES[-1]]
    wanted = [0, length - 1, length // 2, *edges, *(edge - 1 for edge in edges)]
    return sorted({at for at in wanted if 0 <= at < length})


def rounded(numbers: Array, dtype: str) -> Array:
    """The nearest numbers that a dtype has, ties to even; NaN stays."""
    if dtype == "bfloat16":
        bits = numbers.astype(np.float32).view(np.uint32).astype(np.uint64)
        bits += 0x7FFF + ((bits >> 16) & 1)
        kept = (bits & 0xFFFF0000).astype(np.uint32).view(np.float32)
        return np.where(np.isnan(numbers), np.nan, kept).astype(np.float64)
    return numbers.astype(dtype).astype(np.float64)


def _directions(spec: BatchSpec, random: np.random.Generator) -> Array:
    """One direction a KV head, of the length of a random vector."""
    signs = random.integers(0, 2, (spec.num_kv_heads, spec.head_size))
    return (2.0 * signs - 1.0).astype(np.float64)


def _draw_table(spec: BatchSpec, random: np.random.Generator) -> tuple[NDArray[np.int32], int]:
    """Blocks in an order without order, and garbage where no block is. Gives their number, too."""
    sequences = range(len(spec.seq_lens))
    needed = [spec.blocks_of(sequence) for sequence in sequences]
    num_blocks = sum(needed) + 2 * spec.spare + 1
    free = random.permutation(num_blocks).tolist()
    columns = max([spec.columns, *needed, 1]) + spec.spare
    shape = (len(needed) + spec.spare, columns)
    table = random.choice(np.array(GARBAGE, dtype=np.int32), shape)
    common = [free.pop() for _ in range(spec.shared)]
    for sequence, count in enumerate(needed):
        row = common[:count]
        row += [free.pop() for _ in range(count - len(row))]
        table[sequence, :count] = row
    return table.astype(np.int32), num_blocks
