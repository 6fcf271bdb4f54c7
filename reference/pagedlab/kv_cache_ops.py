"""Stage 3. Write keys and values into the slots of the cache, and read them back.

Read next in vLLM: `reshape_and_cache_flash` in `csrc/cache_kernels.cu`. Stricter here: a slot that
is not of the cache raises, where a kernel would write into somebody else's memory.
"""

from __future__ import annotations

import torch

from pagedlab.errors import UnknownSlot


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
    # BEGIN SOLUTION
    _check(cache, layer, slot_mapping)
    wanted = (slot_mapping.numel(), *cache.shape[4:])
    for given in (keys, values):
        if tuple(given.shape) != wanted or given.dtype != cache.dtype:
            raise ValueError(f"{given.dtype} {tuple(given.shape)}, not {cache.dtype} {wanted}")
    is_token = slot_mapping >= 0
    place = _place(cache, slot_mapping[is_token])
    cache[layer, 0].index_put_(place, keys[is_token])
    cache[layer, 1].index_put_(place, values[is_token])
    # END SOLUTION


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
    # BEGIN SOLUTION
    _check(cache, layer, slot_mapping)
    place = _place(cache, slot_mapping.clamp(min=0))
    padding = (slot_mapping < 0)[:, None, None]
    keys, values = cache[layer, 0][place], cache[layer, 1][place]
    return keys.masked_fill_(padding, 0), values.masked_fill_(padding, 0)
    # END SOLUTION


# BEGIN SOLUTION
def _check(cache: torch.Tensor, layer: int, slot_mapping: torch.Tensor) -> None:
    if not 0 <= layer < cache.shape[0]:
        raise ValueError(f"layer {layer} of {cache.shape[0]}")
    if slot_mapping.numel():
        first, last = slot_mapping.aminmax()
        if first < -1 or last >= cache.shape[2] * cache.shape[3]:
            raise UnknownSlot(f"slots {int(first)} to {int(last)} are not all of this cache")


def _place(cache: torch.Tensor, slots: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Blocks and offsets of slots, ready to index the two axes of the cache."""
    blocks = torch.div(slots, cache.shape[3], rounding_mode="floor")
    return blocks, slots - blocks * cache.shape[3]


# END SOLUTION
