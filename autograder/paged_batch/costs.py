"""The batches that performance is counted on, and the least bytes that each needs. numpy alone."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.paged_batch.spec import BatchSpec, WriteSpec

LONGEST = 2048
CASES: Mapping[str, BatchSpec | WriteSpec] = {
    "decode_bytes": BatchSpec((96, 65, 17), (1, 1, 1), num_heads=8, dtype="float16", seed=1),
    "prefill_bytes": BatchSpec((160,), (32,), num_heads=4, dtype="float16", seed=2),
    "causal_bytes": BatchSpec((192,), (192,), num_heads=1, dtype="float16", seed=3),
    "longest_program": BatchSpec((LONGEST,), (1,), num_heads=2, dtype="float16", seed=4),
    "write_bytes": WriteSpec(tuple(slot * 7 % 64 for slot in range(24)), 4, 2, 64, 16, "float16"),
}
"""By performance case."""
ITEM_BYTES, SLOT_BYTES = 2, 8


def cache_bytes(spec: BatchSpec) -> int:
    """Bytes of K and V that a batch attends to, each read once per KV head.

    A block that several sequences share counts for each of them.
    """
    keys = sum(n for n, queries in zip(spec.seq_lens, spec.query_lens, strict=True) if queries)
    return keys * key_bytes(spec)


def key_bytes(spec: BatchSpec) -> int:
    """Bytes of the K and the V of one token, over all KV heads."""
    return 2 * spec.num_kv_heads * spec.head_size * ITEM_BYTES


def write_bytes(spec: WriteSpec) -> int:
    """Bytes that a write reads and writes at least."""
    tokens = sum(slot >= 0 for slot in spec.slots)
    vector = 2 * spec.num_kv_heads * spec.head_size * ITEM_BYTES
    return 2 * tokens * vector + len(spec.slots) * SLOT_BYTES
