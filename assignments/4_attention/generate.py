"""Random batches of stage 4, each of a kind that puts one part under pressure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from stage4.operations import attend, write

from autograder.paged_batch.spec import CACHE_LAYOUTS, BatchSpec, WriteSpec
from autograder.program.model import Op, Program

FIXED = 3
"""Programs of a kind that do not depend on the run's seed: they alone must catch every chaff."""
HEADS = ((1, 1), (2, 1), (2, 2), (4, 2), (6, 2), (5, 1))
"""Query heads and KV heads: groups of 1, 2, 3 and 5."""

Make = Callable[[Random], Op]


def programs(fresh_seed: int, make: Make, fixed: int = FIXED) -> Iterator[Program]:
    """Programs that are always the same, so that grades are, and a fresh one that nobody knows."""
    for seed in (*range(fixed), fresh_seed):
        yield (make(Random(seed)),)


def random_ragged(random: Random) -> Op:
    """Decodes, chunks and idle sequences in one batch, at the edges of blocks above all."""
    return attend(_random_batch(random), random.choice(("forward", "reverse", 1, 2)))


def random_layout(random: Random) -> Op:
    """A ragged batch whose tensors lie in memory in any way."""
    heads = random.choice(HEADS)
    batch = BatchSpec(
        *_lengths(random, 8),
        *heads,
        block_size=8,
        seed=random.getrandbits(16),
        layout=random.choice(CACHE_LAYOUTS),
        poison="nan",
        table_step=random.choice((1, 2, 3)),
        padding=random.choice((0, 1, 3)),
        query_room=random.choice((0, 1, 4)),
    )
    return attend(batch)


def random_write(random: Random) -> Op:
    """Tokens in slots without order, some of them padding."""
    block_size, num_blocks = random.choice((1, 3, 4, 16)), random.randint(1, 4)
    slots = random.sample(range(block_size * num_blocks), random.randint(0, block_size))
    for _ in range(random.randint(0, 2)):
        slots.insert(random.randint(0, len(slots)), -1)
    spec = WriteSpec(
        tuple(slots),
        num_blocks,
        random.choice((1, 2, 3)),
        random.choice((64, 80)),
        block_size,
        random.choice(("float32", "float16", "bfloat16")),
        random.choice(CACHE_LAYOUTS),
        random.random() < 0.5,
        random.randint(1, 1000),
    )
    return write(spec, random.choice(("forward", "reverse", 1)))


def _random_batch(random: Random) -> BatchSpec:
    block_size = random.choice((8, 16, 16, 32))
    return BatchSpec(
        *_lengths(random, block_size),
        *random.choice(HEADS),
        head_size=random.choice((64, 64, 80)),
        block_size=block_size,
        dtype=random.choice(("float32", "float16", "bfloat16")),
        seed=random.getrandbits(16),
        poison=random.choice(("nan", "huge")),
        shared=random.choice((0, 0, 1)),
        padding=random.choice((0, 0, 2)),
    )


def _lengths(random: Random, block_size: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Lengths, and computed tokens, of two or three sequences."""
    edges = (1, block_size - 1, block_size, block_size + 1, 2 * block_size, 3 * block_size - 2)
    lengths = tuple(random.choice(edges) for _ in range(random.randint(2, 3)))
    queries = tuple(min(n, random.choice((0, 1, 1, 2, block_size // 2 + 1))) for n in lengths)
    return lengths, queries if any(queries) else (1, *queries[1:])
