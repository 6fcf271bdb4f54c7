"""Computes where every element lies and goes through the memory itself."""

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
    places = _places(cache, layer, slot_mapping)
    both = []
    for tensor in (keys, values):
        if tensor.dtype != cache.dtype or tensor.shape != places.shape[1:]:
            raise ValueError("does not fit")
        both.append(tensor)
    stacked = torch.stack(both)
    kept = (slot_mapping != -1).nonzero()[:, 0]
    _memory(cache).index_put_((places[:, kept],), stacked[:, kept])


def gather_kv(
    cache: torch.Tensor, layer: int, slot_mapping: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    places = _places(cache, layer, slot_mapping)
    found = torch.take(_memory(cache), places)
    found[:, slot_mapping == -1] = 0
    return found[0], found[1]


def _memory(cache: torch.Tensor) -> torch.Tensor:
    pairs = zip(cache.shape, cache.stride(), strict=True)
    extent = sum((size - 1) * stride for size, stride in pairs) + 1
    return torch.as_strided(cache, (extent,), (1,), cache.storage_offset())


def _places(cache: torch.Tensor, layer: int, slots: torch.Tensor) -> torch.Tensor:
    """[2, tokens, heads, head size]: places in the memory; those of slot 0 for padding."""
    layers, _, blocks, block_size, heads, size = cache.shape
    if layer < 0 or layer >= layers:
        raise ValueError("layer")
    if bool(((slots < -1) | (slots >= blocks * block_size)).any()):
        raise UnknownSlot("slot")
    strides, safe = cache.stride(), slots.clamp_min(0)
    token = safe // block_size * strides[2] + safe % block_size * strides[3]
    kv = layer * strides[0] + torch.arange(2) * strides[1]
    vector = torch.arange(heads)[:, None] * strides[4] + torch.arange(size) * strides[5]
    return kv[:, None, None, None] + token[:, None, None] + vector
