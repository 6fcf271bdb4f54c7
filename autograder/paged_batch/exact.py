"""Attention over a batch in float64: what the public contract compares with."""

from __future__ import annotations

import numpy as np

from autograder.paged_batch.draw import Array, Batch
from autograder.paged_batch.spec import BatchSpec


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
