"""Stage 3. Write keys and values into the slots of the cache, and read them back.

Read next in vLLM: `reshape_and_cache_flash` in `csrc/cache_kernels.cu`. Stricter here: a slot that
is not of the cache raises, where a kernel would write into somebody else's memory.
"""

from __future__ import annotations

import torch


def write_kv(
    cache: torch.Tensor,
    layer: int,
    keys: torch.Tensor,
    values: torch.Tensor,
    slot_mapping: torch.Tensor,
) -> None:
    """Store the K and V of a batch's tokens in their slots of one layer. Touches nothing else.

    Example:
        >>> cache = torch.zeros(1, 2, 3, 2, 1, 1)
        >>> write_kv(cache, 0, torch.ones(2, 1, 1), torch.ones(2, 1, 1), torch.tensor([3, -1]))
        >>> cache[0, 0].flatten().tolist()
        [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]

    Args:
        cache: [layers, 2, blocks, block size, KV heads, head size], any strides; changed in place.
        layer: whose K and V these are, from 0.
        keys: [tokens, KV heads, head size], any strides, of the cache's dtype.
        values: as `keys`.
        slot_mapping: int64 [tokens], all different, or `PAD_SLOT_ID`: such a token is passed over.

    Raises:
        ValueError: there is no such layer, or keys, values and slots do not fit the cache or one
            another in shape or dtype; nothing is written.
        UnknownSlot: a slot is not of the cache; nothing is written.
    """
    raise NotImplementedError("Stage 3 · write_kv is not written yet")


def gather_kv(
    cache: torch.Tensor, layer: int, slot_mapping: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Read the K and V of a batch's tokens from their slots of one layer. Changes nothing.

    Args:
        cache: [layers, 2, blocks, block size, KV heads, head size], any strides.
        layer: whose K and V to read, from 0.
        slot_mapping: int64 [tokens]; a slot may stand in it more than once, or be `PAD_SLOT_ID`.

    Returns:
        keys and values, [tokens, KV heads, head size] each, new tensors of the cache's dtype;
        zeros for padding.

    Raises:
        ValueError: there is no such layer.
        UnknownSlot: a slot is not of the cache.
    """
    raise NotImplementedError("Stage 3 · gather_kv is not written yet")
