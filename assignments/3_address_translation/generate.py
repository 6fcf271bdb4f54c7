"""Random programs of stage 3, each of a kind that puts one part under pressure.

Tables are shuffled, and every number that must not be read is one that would be noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from stage3.layouts import BLOCK, DIM, HEAD, KV, LAYER, OFFSET, ORDERS, Layout, lay_out
from stage3.operations import batch, cache, element, elements, find_element, gather, write

from autograder.program.model import Program

FIXED = 8
"""Programs of a kind that do not depend on the run's seed."""
POISON = 999_999
"""A block that no table holds: it stands where no entry should be read."""
DTYPES = ("float32", "float16")

Make = Callable[[Random], Program]


def programs(fresh_seed: int, make: Make, fixed: int = FIXED) -> Iterator[Program]:
    """Programs that are always the same, so that grades are, and a fresh one that nobody knows."""
    for seed in (*range(fixed), fresh_seed):
        yield make(Random(seed))


def random_batch(random: Random) -> Program:
    """Requests of all lengths, at the edges of blocks above all, in a table with poison in it."""
    block_size = random.choice((1, 2, 3, 4, 16))
    requests, spare = random.randint(1, 6), random.randint(0, 2)
    step, columns = random.choice((1, 1, 2, 3)), random.randint(1, 5)
    blocks = random.sample(range(500), 40)
    table = [[POISON] * (columns * step) for _ in range(requests + spare)]
    positions: list[int] = []
    lengths = []
    for row in table[:requests]:
        length = random.choice((0, 1, block_size - 1, block_size, block_size + 1, 2 * block_size))
        length = min(length, columns * block_size)
        start = random.randint(0, columns * block_size - length)
        lengths.append(length)
        positions += range(start, start + length)
        for column in range(-(-(start + length) // block_size)):
            row[column * step] = blocks.pop()
    padding = [random.choice((0, -1, 1 << 40)) for _ in range(random.randint(0, 4))]
    return (batch(table, lengths, [*positions, *padding], block_size, columns, step),)


def random_layout(random: Random) -> Layout:
    """A small layout: any order of the axes, with gaps or without, often with axes of size 1."""
    return lay_out(random_shape(random), random_order(random), random.choice((0, 0, 1, 2)))


def random_shape(random: Random) -> tuple[int, ...]:
    """Sizes of the six axes, all different in most of them."""
    shape = [0] * 6
    shape[LAYER], shape[KV], shape[BLOCK] = random.randint(1, 3), 2, random.randint(1, 5)
    shape[OFFSET] = random.choice((1, 2, 3, 4))
    shape[HEAD], shape[DIM] = random.randint(1, 3), random.randint(1, 4)
    return tuple(shape)


def random_order(random: Random) -> tuple[int, ...]:
    """One of the orders that engines use, or any."""
    anyhow = random.sample(range(6), 6)
    return tuple(random.choice((*ORDERS, anyhow)))


def random_writes(random: Random) -> Program:
    """Writes into one cache, in slots that overlap."""
    return tuple(op for op in random_cache(random) if op.name != "gather")


def random_cache(random: Random) -> Program:
    """Writes and reads of one cache, in slots that overlap."""
    shape = random_shape(random)
    start, gap = random.choice((0, 0, 7)), random.choice((0, 0, 1))
    ops = [cache(shape, random_order(random), gap, start, random.choice(DTYPES))]
    slots = shape[BLOCK] * shape[OFFSET]
    for turn in range(4):
        layer = random.randrange(shape[LAYER])
        chosen = random.sample(range(slots), random.randint(0, min(slots, 6)))
        for _ in range(random.randint(0, 2)):
            chosen.insert(random.randint(0, len(chosen)), -1)
        first = 1 + 40 * turn
        ops += [write(layer, chosen, first, random.random() < 0.4), gather(layer, chosen[::-1])]
    return tuple(ops)


def random_elements(random: Random) -> Program:
    """Where elements of one layout lie, and what lies there; not in a gap."""
    layout = random_layout(random)
    index = [random.randrange(size) for size in layout.shape]
    slot = index[BLOCK] * layout.shape[OFFSET] + index[OFFSET]
    slots = [random.randrange(layout.slots) for _ in range(4)]
    return (
        element(layout, index[LAYER], index[KV], slot, index[HEAD], index[DIM]),
        find_element(layout, layout.offset(index)),
        elements(layout, index[LAYER], index[KV], [*slots, -1], random.choice(("int32", "int64"))),
    )
