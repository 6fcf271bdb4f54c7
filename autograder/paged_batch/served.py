"""Batches of a server's size, for kernels that run as C, and what is counted on them."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from autograder.paged_batch.costs import cache_bytes
from autograder.paged_batch.spec import BatchSpec
from kernel_lanes.record import Record

MULTIPROCESSORS = 132
"""Of an H100: programs beyond so many take turns."""
LONGEST = 33_000
"""Keys of the long sequence: more than 16 bits with a sign can count."""

_LENGTHS = tuple(2001 + 37 * number % 601 for number in range(60))
SERVED: Mapping[str, BatchSpec] = {
    "decode": BatchSpec(
        (8190, *_LENGTHS[:20], 7111, *_LENGTHS[20:40], 6000, *_LENGTHS[40:], 5003),
        (1,) * 64,
        num_heads=8,
        dtype="float16",
        seed=1,
        shared=100,
    ),
    "longest": BatchSpec((LONGEST,), (1,), num_heads=4, dtype="float16", seed=2),
    "chunk": BatchSpec((4096,), (128,), num_heads=4, dtype="float16", seed=3),
}
"""64 sequences that begin with the same 1,600 tokens, as a system prompt is shared; one long
context; a chunk of a long prompt."""


def mixed(seed: int) -> BatchSpec:
    """Decodes, chunks and idle sequences of up to 1,500 tokens, as no interpreter does in time."""
    random = Random(seed)
    lengths = tuple(random.randint(1, 1500) for _ in range(20))
    queries = tuple(min(n, random.choice((0, 1, 1, 1, 9))) for n in lengths[1:])
    return BatchSpec(
        lengths,
        (1, *queries),
        num_heads=6,
        num_kv_heads=2,
        head_size=80,
        block_size=32,
        dtype="bfloat16",
        layout="hnd",
        seed=seed,
    )


def busiest_share(spec: BatchSpec, record: Record) -> float:
    """Bytes that the busiest of all multiprocessors loads, in multiples of an even share.

    An even share is what one would load if each key and value were loaded once per KV head, and
    all multiprocessors had equally much to do. The launches follow one another; in each, the
    busiest multiprocessor loads at least what the largest program loads, and at least the mean.
    """
    loaded = 0.0
    for launch in record.launches:
        total = sum(one.load_bytes for one in launch.arrays.values())
        loaded += max(launch.most_loaded, total / MULTIPROCESSORS)
    return round(loaded / (cache_bytes(spec) / MULTIPROCESSORS), 3)
