"""Stage 4. Store a batch's keys and values in the paged cache, with a Triton kernel.

Read next in vLLM: `reshape_and_cache_kernel_flash` in
`vllm/v1/attention/ops/triton_reshape_and_cache_flash.py`.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl

# BEGIN SOLUTION
_TOKENS = 16
"""Tokens of one program: it copies one head's K and V of each."""


@triton.jit
def _write_kernel(
    key,
    value,
    key_cache,
    value_cache,
    slot_mapping,
    num_tokens,
    key_token_stride,
    key_head_stride,
    key_dim_stride,
    value_token_stride,
    value_head_stride,
    value_dim_stride,
    key_block_stride,
    key_slot_stride,
    key_cache_head_stride,
    key_cache_dim_stride,
    value_block_stride,
    value_slot_stride,
    value_cache_head_stride,
    value_cache_dim_stride,
    slot_mapping_stride,
    block_size: tl.constexpr,
    head_size: tl.constexpr,
    block_tokens: tl.constexpr,
    block_dims: tl.constexpr,
):
    """Copies one KV head of some tokens. Slots are int64, and so is all that is made of them."""
    tokens = tl.program_id(0) * block_tokens + tl.arange(0, block_tokens)
    head = tl.program_id(1)
    dims = tl.arange(0, block_dims)[None, :]
    slots = tl.load(slot_mapping + tokens * slot_mapping_stride, mask=tokens < num_tokens, other=-1)
    copied = (slots >= 0)[:, None] & (dims < head_size)
    tokens = tokens.to(tl.int64)[:, None]
    blocks, offsets = (slots // block_size)[:, None], (slots % block_size)[:, None]

    key += tokens * key_token_stride + head * key_head_stride + dims * key_dim_stride
    key_cache += blocks * key_block_stride + offsets * key_slot_stride
    key_cache += head * key_cache_head_stride + dims * key_cache_dim_stride
    tl.store(key_cache, tl.load(key, mask=copied), mask=copied)

    value += tokens * value_token_stride + head * value_head_stride + dims * value_dim_stride
    value_cache += blocks * value_block_stride + offsets * value_slot_stride
    value_cache += head * value_cache_head_stride + dims * value_cache_dim_stride
    tl.store(value_cache, tl.load(value, mask=copied), mask=copied)


# END SOLUTION


def write_kv_cache(
    key: torch.Tensor,
    value: torch.Tensor,
    key_cache: torch.Tensor,
    value_cache: torch.Tensor,
    slot_mapping: torch.Tensor,
) -> None:
    """Store the K and V of a batch's tokens in their slots: vLLM's `reshape_and_cache_flash`.

    A Triton kernel does it. Slots are trusted: each is of the cache, or -1; all but -1 differ.

    Args:
        key: [tokens, KV heads, head size], any strides, of the cache's dtype.
        value: as `key`.
        key_cache: [blocks, block size, KV heads, head size], any strides, beyond 2^31 elements
            too; changed in place, and nowhere but in these slots.
        value_cache: as `key_cache`; its strides may be others.
        slot_mapping: int64 [tokens]; -1 for padding: such a token is passed over.

    Raises:
        ValueError: shapes or dtypes do not fit one another; nothing is written.
    """
    # BEGIN SOLUTION
    num_tokens, num_kv_heads, head_size = key.shape
    if key_cache.shape != value_cache.shape or key_cache.shape[2:] != key.shape[1:]:
        raise ValueError(f"K and V of {key.shape}, caches {key_cache.shape}, {value_cache.shape}")
    if value.shape != key.shape or slot_mapping.shape != (num_tokens,):
        raise ValueError(f"{key.shape} keys, {value.shape} values, {slot_mapping.shape} slots")
    if len({key.dtype, value.dtype, key_cache.dtype, value_cache.dtype}) > 1:
        raise ValueError(f"{key.dtype} keys, {value.dtype} values, a cache of {key_cache.dtype}")
    if not num_tokens:
        return
    _write_kernel[(triton.cdiv(num_tokens, _TOKENS), num_kv_heads)](
        key,
        value,
        key_cache,
        value_cache,
        slot_mapping,
        num_tokens,
        *key.stride(),
        *value.stride(),
        *key_cache.stride(),
        *value_cache.stride(),
        slot_mapping.stride(0),
        block_size=key_cache.shape[1],
        head_size=head_size,
        block_tokens=_TOKENS,
        block_dims=triton.next_power_of_2(head_size),
    )
    # END SOLUTION
