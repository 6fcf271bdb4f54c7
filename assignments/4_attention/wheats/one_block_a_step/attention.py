"""Stage 4, solved otherwise, and middling: tiles of 16 rows, a block a step, 16 parts at most.

It shares keys among the heads of a group and splits long sequences, and stops there: tiles are as
small for a chunk as for a decode, a step has few keys, and 16 parts are few for a long context.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl

ROWS = 16
"""Query rows of a tile: (token, head) pairs of one sequence, or more if a group has more heads."""
MOST_PARTS, KEYS_A_PART = 16, 128
"""Programs that a sequence's keys are divided among, and how many make one worth its while."""


@triton.jit
def _part_kernel(
    query,
    key_cache,
    value_cache,
    block_table,
    seq_lens,
    query_start_loc,
    parts,
    peaks,
    totals,
    scale,
    num_seqs,
    num_tokens,
    num_heads,
    qt,
    qh,
    qd,
    kb,
    ks,
    kh,
    kd,
    vb,
    vs,
    vh,
    vd,
    tr,
    tc,
    group: tl.constexpr,
    rows: tl.constexpr,
    head_size: tl.constexpr,
    width: tl.constexpr,
    block_size: tl.constexpr,
    step: tl.constexpr,
    exact: tl.constexpr,
    num_parts: tl.constexpr,
):
    """One tile over one part of its keys: what the online softmax knows then."""
    tokens_a_tile: tl.constexpr = rows // group
    tile, kv, part = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    seq = 0
    first = tl.load(query_start_loc)
    after = tl.load(query_start_loc + 1)
    tiles = tl.cdiv(after - first, tokens_a_tile)
    while (tile >= tiles) & (seq < num_seqs - 1):
        tile -= tiles
        seq += 1
        first = after
        after = tl.load(query_start_loc + seq + 1)
        tiles = tl.cdiv(after - first, tokens_a_tile)
    if tile >= tiles:
        return
    row = tl.arange(0, rows)
    token = first + tile * tokens_a_tile + row // group
    real = (row < tokens_a_tile * group) & (token < after)
    head = kv * group + row % group
    seq_len = tl.load(seq_lens + seq)
    position = seq_len - after + token
    dims = tl.arange(0, width)
    inside = dims < head_size
    at = query + token[:, None].to(tl.int64) * qt + head[:, None] * qh + dims[None, :] * qd
    q = tl.load(at, mask=real[:, None] & inside[None, :], other=0.0)

    end = tl.minimum(seq_len - after + first + (tile + 1) * tokens_a_tile, seq_len)
    blocks = tl.cdiv(end, block_size)
    share = tl.cdiv(blocks, num_parts)
    offset = tl.arange(0, step)
    peak = tl.full([rows], float("-inf"), tl.float32)
    total = tl.zeros([rows], tl.float32)
    acc = tl.zeros([rows, width], tl.float32)
    for number in range(part * share, tl.minimum(blocks, (part + 1) * share)):
        block = tl.load(block_table + seq.to(tl.int64) * tr + number * tc).to(tl.int64)
        key = number * block_size + offset
        held = (offset < block_size) & (key < end)
        at_k = key_cache + block * kb + kv * kh + offset[None, :] * ks + dims[:, None] * kd
        k = tl.load(at_k, mask=held[None, :] & inside[:, None], other=0.0)
        at_v = value_cache + block * vb + kv * vh + offset[:, None] * vs + dims[None, :] * vd
        v = tl.load(at_v, mask=held[:, None] & inside[None, :], other=0.0)
        seen = held[None, :] & (key[None, :] <= position[:, None])
        scores = tl.dot(q, k, input_precision="ieee" if exact else "tf32") * scale
        scores = tl.where(seen, scores, float("-inf"))
        higher = tl.maximum(peak, tl.max(scores, 1))
        base = tl.where(higher == float("-inf"), 0.0, higher)
        p = tl.exp(scores - base[:, None])
        fade = tl.exp(peak - base)
        acc = acc * fade[:, None]
        acc = tl.dot(p.to(v.dtype), v, acc, input_precision="ieee" if exact else "tf32")
        total = total * fade + tl.sum(p, 1)
        peak = higher
    at = (part * num_tokens + token).to(tl.int64) * num_heads + head
    tl.store(peaks + at, peak, mask=real)
    tl.store(totals + at, total, mask=real)
    at = parts + at[:, None] * head_size + dims[None, :]
    tl.store(at, acc, mask=real[:, None] & inside[None, :])


@triton.jit
def _sum_kernel(
    out,
    parts,
    peaks,
    totals,
    query_start_loc,
    num_seqs,
    num_rows,
    num_heads,
    head_size: tl.constexpr,
    width: tl.constexpr,
    num_parts: tl.constexpr,
):
    """Adds the parts of one row, all brought to the highest peak."""
    row = tl.program_id(0).to(tl.int64)
    if row >= tl.load(query_start_loc + num_seqs) * num_heads:
        return
    part, dims = tl.arange(0, num_parts), tl.arange(0, width)
    peak = tl.load(peaks + part * num_rows + row)
    weight = tl.exp(peak - tl.max(peak, 0))
    total = tl.sum(weight * tl.load(totals + part * num_rows + row), 0)
    at = parts + (part * num_rows + row)[:, None] * head_size + dims[None, :]
    acc = tl.sum(tl.load(at, mask=(dims < head_size)[None, :], other=0.0) * weight[:, None], 0)
    at = out + row * head_size + dims
    tl.store(at, (acc / total).to(out.dtype.element_ty), mask=dims < head_size)


def paged_attention(
    query: torch.Tensor,
    key_cache: torch.Tensor,
    value_cache: torch.Tensor,
    block_table: torch.Tensor,
    seq_lens: torch.Tensor,
    query_start_loc: torch.Tensor,
    scale: float,
) -> torch.Tensor:
    """Attend. Raises ValueError if shapes or dtypes do not fit."""
    tokens, heads, size = query.shape
    _, block_size, kv_heads, _ = key_cache.shape
    same = query.dtype == key_cache.dtype == value_cache.dtype
    if not same or key_cache.shape != value_cache.shape or size != key_cache.shape[3]:
        raise ValueError("query and caches do not fit")
    if heads % kv_heads or query_start_loc.shape[0] != seq_lens.shape[0] + 1:
        raise ValueError("heads or sequences do not fit")
    out = query.new_empty(tokens, heads, size)
    seqs, group = seq_lens.shape[0], heads // kv_heads
    if not tokens or not seqs:
        return out
    wanted = triton.next_power_of_2(block_table.shape[1] * block_size // KEYS_A_PART)
    num_parts = max(1, min(MOST_PARTS, wanted))
    parts = query.new_empty(num_parts, tokens, heads, size, dtype=torch.float32)
    peaks, totals = (parts.new_empty(num_parts, tokens, heads) for _ in range(2))
    rows = max(ROWS, triton.next_power_of_2(group))
    width = triton.next_power_of_2(size)
    _part_kernel[(tokens // (rows // group) + seqs, kv_heads, num_parts)](
        query,
        key_cache,
        value_cache,
        block_table,
        seq_lens,
        query_start_loc,
        parts,
        peaks,
        totals,
        scale,
        seqs,
        tokens,
        heads,
        *query.stride(),
        *key_cache.stride(),
        *value_cache.stride(),
        *block_table.stride(),
        group=group,
        rows=rows,
        head_size=size,
        width=width,
        block_size=block_size,
        step=max(16, triton.next_power_of_2(block_size)),
        exact=query.dtype is torch.float32,
        num_parts=num_parts,
    )
    _sum_kernel[(tokens * heads,)](
        out,
        parts,
        peaks,
        totals,
        query_start_loc,
        seqs,
        tokens * heads,
        heads,
        head_size=size,
        width=width,
        num_parts=num_parts,
    )
    return out
