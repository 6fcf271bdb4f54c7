"""Stage 4, solved otherwise: one program a token and query head, no products of matrices."""

from __future__ import annotations

import torch
import triton
import triton.language as tl


@triton.jit
def _find(query_start_loc, token, num_seqs):
    """The sequence of a token, by bisection."""
    low = 0
    high = num_seqs
    while low < high:
        middle = (low + high) // 2
        if tl.load(query_start_loc + middle + 1) <= token:
            low = middle + 1
        else:
            high = middle
    return low


@triton.jit
def _kernel(
    query,
    key_cache,
    value_cache,
    block_table,
    seq_lens,
    query_start_loc,
    out,
    scale,
    num_seqs,
    group,
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
    ot,
    oh,
    head_size: tl.constexpr,
    width: tl.constexpr,
    block_size: tl.constexpr,
    block_width: tl.constexpr,
):
    token = tl.program_id(0)
    head = tl.program_id(1)
    if token >= tl.load(query_start_loc + num_seqs):
        return
    seq = _find(query_start_loc, token, num_seqs)
    first_not = tl.load(query_start_loc + seq + 1)
    position = tl.load(seq_lens + seq) - first_not + token
    dims = tl.arange(0, width)
    real = dims < head_size
    q = tl.load(query + token * qt + head * qh + dims * qd, mask=real, other=0.0).to(tl.float32)
    kv = head // group
    offsets = tl.arange(0, block_width)
    peak = float("-inf")
    total = 0.0
    acc = tl.zeros([width], tl.float32)
    for logical in range(0, position // block_size + 1):
        block = tl.load(block_table + seq * tr + logical * tc).to(tl.int64)
        seen = (offsets < block_size) & (logical * block_size + offsets <= position)
        both = seen[:, None] & real[None, :]
        at = key_cache + block * kb + kv * kh + offsets[:, None] * ks + dims[None, :] * kd
        k = tl.load(at, mask=both, other=0.0).to(tl.float32)
        scores = tl.where(seen, tl.sum(k * q[None, :], 1) * scale, float("-inf"))
        new_peak = tl.maximum(peak, tl.max(scores, 0))
        p = tl.exp(scores - new_peak)
        fade = tl.exp(peak - new_peak)
        at = value_cache + block * vb + kv * vh + offsets[:, None] * vs + dims[None, :] * vd
        v = tl.load(at, mask=both, other=0.0).to(tl.float32)
        acc = acc * fade + tl.sum(p[:, None] * v, 0)
        total = total * fade + tl.sum(p, 0)
        peak = new_peak
    tl.store(out + token * ot + head * oh + dims, (acc / total).to(out.dtype.element_ty), mask=real)


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
    out = torch.empty(tokens, heads, size, dtype=query.dtype, device=query.device)
    _kernel[(tokens, heads)](
        query,
        key_cache,
        value_cache,
        block_table,
        seq_lens,
        query_start_loc,
        out,
        scale,
        seq_lens.shape[0],
        heads // kv_heads,
        *query.stride(),
        *key_cache.stride(),
        *value_cache.stride(),
        *block_table.stride(),
        out.stride(0),
        out.stride(1),
        head_size=size,
        width=triton.next_power_of_2(size),
        block_size=block_size,
        block_width=triton.next_power_of_2(block_size),
    )
    return out
