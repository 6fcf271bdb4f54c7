"""Stage 4. Store a batch's keys and values in the paged cache, with a Triton kernel.

Read next in vLLM: `reshape_and_cache_kernel_flash` in
`vllm/v1/attention/ops/triton_reshape_and_cache_flash.py`.
"""

from __future__ import annotations

import torch


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
    raise NotImplementedError("Stage 4 · write_kv_cache is not written yet")
