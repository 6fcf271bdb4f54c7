"""The canary kernel: one tile of attention, small and known to be right.

It uses what stage 4 needs: masked loads, two matrix products, a softmax, a store.
Import it after TRITON_INTERPRET is decided; Triton reads that when it is imported.
"""

from __future__ import annotations

import triton
import triton.language as tl

TILE = 16
LENGTH = 11  # keys that count; not a multiple of anything, so that the mask matters


@triton.jit  # type: ignore[untyped-decorator]
def attend(query, key, out, length, tile: tl.constexpr):  # type: ignore[no-untyped-def]
    """Stores softmax(query x key transposed) x key over `length` keys; all [tile, tile]."""
    index = tl.arange(0, tile)
    at = index[:, None] * tile + index[None, :]
    valid = index < length
    queries = tl.load(query + at)
    keys = tl.load(key + at, mask=valid[:, None], other=0.0)
    scores = tl.dot(queries, tl.trans(keys), input_precision="ieee")
    scores = tl.where(valid[None, :], scores, float("-inf"))
    weights = tl.exp(scores - tl.max(scores, 1)[:, None])
    weights = weights / tl.sum(weights, 1)[:, None]
    tl.store(out + at, tl.dot(weights.to(keys.dtype), keys, input_precision="ieee"))
