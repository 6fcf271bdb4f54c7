"""Stage 4, solved otherwise: one program a token and KV head, the host looks at the lengths."""

from __future__ import annotations

import torch
import triton
import triton.language as tl


@triton.jit
def _group_kernel(
    q_ptr,
    k_ptr,
    v_ptr,
    table_ptr,
    seq_ptr,
    position_ptr,
    o_ptr,
    scale,
    q_t,
    q_h,
    q_d,
    k_b,
    k_s,
    k_h,
    k_d,
    v_b,
    v_s,
    v_h,
    v_d,
    t_r,
    t_c,
    heads: tl.constexpr,
    group: tl.constexpr,
    rows: tl.constexpr,
    size: tl.constexpr,
    width: tl.constexpr,
    page: tl.constexpr,
    keys: tl.constexpr,
):
    token = tl.program_id(0)
    kv = tl.program_id(1)
    seq = tl.load(seq_ptr + token)
    position = tl.load(position_ptr + token)
    r = tl.arange(0, rows)
    d = tl.arange(0, width)
    mine = (r < group)[:, None] & (d < size)[None, :]
    head = kv * group + r
    q = tl.load(q_ptr + token * q_t + head[:, None] * q_h + d[None, :] * q_d, mask=mine, other=0.0)
    m = tl.full([rows], -1e30, tl.float32)
    lsum = tl.zeros([rows], tl.float32)
    acc = tl.zeros([rows, width], tl.float32)
    for begin in tl.range(0, position + 1, keys):
        n = begin + tl.arange(0, keys)
        here = n <= position
        page_id = tl.load(table_ptr + seq * t_r + n // page * t_c, mask=here, other=0)
        page_id = page_id.to(tl.int64)
        both = here[:, None] & (d < size)[None, :]
        at = page_id * k_b + n % page * k_s + kv * k_h
        k = tl.load(k_ptr + at[:, None] + d[None, :] * k_d, mask=both, other=0.0)
        s = tl.dot(q, tl.trans(k), input_precision="ieee") * scale
        s = tl.where(here[None, :], s, -1e30)
        m_new = tl.maximum(m, tl.max(s, axis=1))
        p = tl.exp(s - m_new[:, None])
        alpha = tl.exp(m - m_new)
        at = page_id * v_b + n % page * v_s + kv * v_h
        v = tl.load(v_ptr + at[:, None] + d[None, :] * v_d, mask=both, other=0.0)
        acc = acc * alpha[:, None] + tl.dot(p.to(v.dtype), v, input_precision="ieee")
        lsum = lsum * alpha + tl.sum(p, axis=1)
        m = m_new
    o = o_ptr + (token * heads + head[:, None]) * size + d[None, :]
    tl.store(o, (acc / lsum[:, None]).to(o_ptr.dtype.element_ty), mask=mine)


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
    kv_heads = key_cache.shape[2]
    if query.dtype != key_cache.dtype or query.dtype != value_cache.dtype:
        raise ValueError("dtypes")
    if key_cache.shape != value_cache.shape or key_cache.shape[3] != size or heads % kv_heads:
        raise ValueError("shapes")
    if len(query_start_loc) != len(seq_lens) + 1:
        raise ValueError("sequences")
    counts = query_start_loc.diff()
    real = int(query_start_loc[-1])
    index = torch.arange(len(seq_lens)).repeat_interleave(counts, output_size=real)
    behind = torch.arange(real) - query_start_loc[:-1][index]
    positions = (seq_lens - counts)[index] + behind
    out = torch.zeros_like(query, memory_format=torch.contiguous_format)
    if real == 0:
        return out
    group = heads // kv_heads
    _group_kernel[(real, kv_heads)](
        query,
        key_cache,
        value_cache,
        block_table,
        index.to(torch.int32),
        positions.to(torch.int32),
        out,
        scale,
        *query.stride(),
        *key_cache.stride(),
        *value_cache.stride(),
        *block_table.stride(),
        heads=heads,
        group=group,
        rows=max(16, triton.next_power_of_2(group)),
        size=size,
        width=triton.next_power_of_2(size),
        page=key_cache.shape[1],
        keys=128,
    )
    return out
