"""Attention over a batch in float64: what the public contract compares with."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from autograder.paged_batch.draw import Array, Batch, draw
from autograder.paged_batch.spec import BatchSpec


@lru_cache(maxsize=8)
def exact_output(spec: BatchSpec) -> Array:
    """What `attention` gives for a batch. It is shared: nobody may change it."""
    return attention(spec, draw(spec))


def attention(spec: BatchSpec, batch: Batch) -> Array:
    """[tokens, heads, head size]; rows of padding are NaN."""
    out = np.full(batch.query.shape, np.nan)
    for sequence, length in enumerate(spec.seq_lens):
        first, last = spec.starts[sequence : sequence + 2]
        if first == last:
            continue
        positions = np.arange(length)
        blocks = batch.table[sequence, positions // spec.block_size]
        at = blocks, positions % spec.block_size
        keys = batch.keys[at].repeat(spec.group, axis=1)
        values = batch.values[at].repeat(spec.group, axis=1)
        scores = np.einsum("thd,khd->htk", batch.query[first:last], keys) * batch.scale
        own = length - (last - first) + np.arange(last - first)
        scores = np.where(positions[None, :] <= own[:, None], scores, -np.inf)
        weights = np.exp(scores - scores.max(axis=2, keepdims=True))
        weights /= weights.sum(axis=2, keepdims=True)
        out[first:last] = np.einsum("htk,khd->thd", weights, values)
    return out
