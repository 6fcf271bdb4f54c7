"""Stage 4, solved otherwise: one program a token and cache, over all heads at once."""

from __future__ import annotations

import torch
import triton
import triton.language as tl


@triton.jit
def _copy_kernel(
    source,
    cache,
    slot_mapping,
    slot_step,
    s_t,
    s_h,
    s_d,
    c_b,
    c_s,
    c_h,
    c_d,
    page,
    size: tl.constexpr,
    total: tl.constexpr,
    width: tl.constexpr,
):
    token = tl.program_id(0)
    slot = tl.load(slot_mapping + token * slot_step)
    if slot < 0:
        return
    flat = tl.arange(0, width)
    head, dim = flat // size, flat % size
    there = flat < total
    numbers = tl.load(source + token * s_t + head * s_h + dim * s_d, mask=there)
    place = cache + slot // page * c_b + slot % page * c_s + head * c_h + dim * c_d
    tl.store(place, numbers, mask=there)


def write_kv_cache(
    key: torch.Tensor,
    value: torch.Tensor,
    key_cache: torch.Tensor,
    value_cache: torch.Tensor,
    slot_mapping: torch.Tensor,
) -> None:
    """Store. Raises ValueError if shapes or dtypes do not fit, before anything is written."""
    for given, cache in ((key, key_cache), (value, value_cache)):
        if given.shape != (slot_mapping.numel(), *cache.shape[2:]) or given.dtype != cache.dtype:
            raise ValueError("what is to be written does not fit the cache")
    if key_cache.shape != value_cache.shape or key.dtype != value.dtype:
        raise ValueError("K and V do not fit one another")
    tokens, heads, size = key.shape
    for given, cache in ((key, key_cache), (value, value_cache)):
        if tokens:
            _copy_kernel[(tokens,)](
                given,
                cache,
                slot_mapping,
                slot_mapping.stride(0),
                *given.stride(),
                *cache.stride(),
                cache.shape[1],
                size=size,
                total=heads * size,
                width=triton.next_power_of_2(heads * size),
            )
