"""A plain paged attention by one program for each token and KV head, and the cache's writer.

Right, and neither fast nor elegant: what the lanes are tried on.
"""

import torch
import triton
import triton.language as tl


@triton.jit
def write_kernel(
    key,
    value,
    key_cache,
    value_cache,
    slots,
    heads,
    skt,
    svt,
    skb,
    skp,
    skh,
    BLOCK: tl.constexpr,
    D: tl.constexpr,
):
    token, head = tl.program_id(0), tl.program_id(1)
    slot = tl.load(slots + token)
    if slot < 0:
        return
    d = tl.arange(0, D)
    to = (slot // BLOCK).to(tl.int64) * skb + (slot % BLOCK) * skp + head * skh + d
    tl.store(key_cache + to, tl.load(key + token * skt + head * D + d))
    tl.store(value_cache + to, tl.load(value + token * svt + head * D + d))


def write_kv_cache(key, value, key_cache, value_cache, slot_mapping):
    tokens, heads, size = key.shape
    write_kernel[(tokens, heads)](
        key,
        value,
        key_cache,
        value_cache,
        slot_mapping,
        heads,
        key.stride(0),
        value.stride(0),
        *key_cache.stride()[:3],
        BLOCK=key_cache.shape[1],
        D=size,
    )


@triton.jit
def attend_kernel(
    query,
    key_cache,
    value_cache,
    out,
    tables,
    lengths,
    starts,
    scale,
    sqt,
    sqh,
    skb,
    skp,
    skh,
    stb,
    sot,
    soh,
    GROUP: tl.constexpr,
    ROWS: tl.constexpr,
    BLOCK: tl.constexpr,
    D: tl.constexpr,
    TILE: tl.constexpr,
):
    sequence, head, which = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    first = tl.load(starts + sequence)
    count = tl.load(starts + sequence + 1) - first
    if which >= count:
        return
    context = tl.load(lengths + sequence) - count + which + 1
    token = (first + which).to(tl.int64)
    g, d = tl.arange(0, ROWS), tl.arange(0, D)
    mine = g[:, None] < GROUP
    heads = head * GROUP + g
    q = tl.load(query + token * sqt + heads[:, None] * sqh + d[None, :], mask=mine, other=0.0)
    best = tl.full([ROWS], float("-inf"), tl.float32)
    total = tl.zeros([ROWS], tl.float32)
    result = tl.zeros([ROWS, D], tl.float32)
    for start in range(0, context, TILE):
        position = start + tl.arange(0, TILE)
        there = position < context
        block = tl.load(tables + sequence * stb + position // BLOCK, mask=there, other=0)
        place = block.to(tl.int64) * skb + (position % BLOCK) * skp + head * skh
        k = tl.load(key_cache + place[:, None] + d[None, :], mask=there[:, None], other=0.0)
        scores = tl.dot(q, tl.trans(k), input_precision="ieee") * scale
        scores = tl.where(there[None, :], scores, float("-inf"))
        highest = tl.maximum(best, tl.max(scores, 1))
        weights = tl.exp(scores - highest[:, None])
        rescale = tl.exp(best - highest)
        v = tl.load(value_cache + place[:, None] + d[None, :], mask=there[:, None], other=0.0)
        result = result * rescale[:, None]
        result += tl.dot(weights.to(v.dtype), v, input_precision="ieee")
        total = total * rescale + tl.sum(weights, 1)
        best = highest
    result = result / total[:, None]
    to = out + token * sot + heads[:, None] * soh + d[None, :]
    tl.store(to, result.to(out.dtype.element_ty), mask=mine)


def paged_attention(query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale):
    out = torch.empty_like(query)
    heads, kv_heads, size = query.shape[1], key_cache.shape[2], query.shape[2]
    longest = int((query_start_loc[1:] - query_start_loc[:-1]).max())
    group = heads // kv_heads
    attend_kernel[(seq_lens.numel(), kv_heads, longest)](
        query,
        key_cache,
        value_cache,
        out,
        block_table,
        seq_lens,
        query_start_loc,
        scale,
        *query.stride()[:2],
        *key_cache.stride()[:3],
        block_table.stride(0),
        *out.stride()[:2],
        GROUP=group,
        ROWS=max(16, triton.next_power_of_2(group)),
        BLOCK=key_cache.shape[1],
        D=size,
        TILE=32,
    )
    return out
