"""One token after the other."""

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
    slots = _slots(cache, layer, slot_mapping)
    wanted = torch.Size([len(slots), cache.shape[4], cache.shape[5]])
    for given in (keys, values):
        if given.shape != wanted or given.dtype is not cache.dtype:
            raise ValueError("keys or values")
    for token, slot in enumerate(slots):
        if slot >= 0:
            block, offset = divmod(slot, cache.shape[3])
            cache[layer, 0, block, offset] = keys[token]
            cache[layer, 1, block, offset] = values[token]


def gather_kv(
    cache: torch.Tensor, layer: int, slot_mapping: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    slots = _slots(cache, layer, slot_mapping)
    keys = torch.zeros((len(slots), *cache.shape[4:]), dtype=cache.dtype)
    values = torch.zeros_like(keys)
    for token, slot in enumerate(slots):
        if slot >= 0:
            block, offset = divmod(slot, cache.shape[3])
            keys[token] = cache[layer, 0, block, offset]
            values[token] = cache[layer, 1, block, offset]
    return keys, values


def _slots(cache: torch.Tensor, layer: int, slot_mapping: torch.Tensor) -> list[int]:
    if layer not in range(cache.shape[0]):
        raise ValueError("layer")
    slots: list[int] = slot_mapping.tolist()
    for slot in slots:
        if slot not in range(-1, cache.shape[2] * cache.shape[3]):
            raise UnknownSlot(str(slot))
    return slots
