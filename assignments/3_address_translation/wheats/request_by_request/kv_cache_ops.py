"""Selects blocks one by one, and copies slices of them."""

from __future__ import annotations

import torch

from pagedlab.errors import UnknownSlot


def write_kv(cache, layer, keys, values, slot_mapping):
    _check(cache, layer, slot_mapping)
    if keys.shape != values.shape or keys.shape[1:] != cache.shape[4:]:
        raise ValueError("shapes")
    if len(keys) != len(slot_mapping) or {keys.dtype, values.dtype} != {cache.dtype}:
        raise ValueError("length or dtype")
    for kv, given in ((0, keys), (1, values)):
        tokens = cache.select(0, layer).select(0, kv)
        for block in torch.div(slot_mapping, cache.shape[3], rounding_mode="floor").unique():
            if block >= 0:
                mine = torch.where(slot_mapping // cache.shape[3] == block)[0]
                offsets = slot_mapping[mine] % cache.shape[3]
                tokens[int(block)].index_copy_(0, offsets, given[mine])


def gather_kv(cache, layer, slot_mapping):
    _check(cache, layer, slot_mapping)
    dense = cache[layer].flatten(1, 2).clone()
    rows = dense[:, slot_mapping.clamp(min=0)]
    rows = rows * (slot_mapping >= 0)[None, :, None, None].to(rows.dtype)
    return rows[0], rows[1]


def _check(cache, layer, slots):
    if layer < 0 or layer > cache.shape[0] - 1:
        raise ValueError("layer")
    if len(slots) and (slots.min() < -1 or slots.max() > cache[0, 0, :, :, 0, 0].numel() - 1):
        raise UnknownSlot("slot")
