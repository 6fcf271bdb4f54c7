"""Lets PyTorch do the arithmetic: strides and offsets of tensors that have no memory."""

from __future__ import annotations

from collections import namedtuple

import torch

from pagedlab.errors import UnknownSlot

AXES = ("layer", "kv", "block", "offset", "head", "dim")
NHD = ("layer", "kv", "block", "offset", "head", "dim")
HND = ("layer", "kv", "block", "head", "offset", "dim")


class KVCacheLayout(namedtuple("KVCacheLayout", "shape strides")):
    @classmethod
    def contiguous(cls, shape, order=NHD):
        if set(order) != set(AXES) or len(order) != len(AXES) or not all(n > 0 for n in shape):
            raise ValueError("order or shape")
        in_memory = torch.empty([shape[AXES.index(axis)] for axis in order], device="meta")
        logical = in_memory.permute([order.index(axis) for axis in AXES])
        return cls(tuple(shape), logical.stride())

    def _meta(self):
        return torch.empty(0, device="meta").as_strided(self.shape, self.strides)

    def element_offset(self, layer, kv, slot, head, dim):
        if slot < 0 or slot >= self.shape[2] * self.shape[3]:
            raise UnknownSlot("slot")
        if min(layer, kv, head, dim) < 0:
            raise ValueError("index")
        block, offset = slot // self.shape[3], slot % self.shape[3]
        try:
            return self._meta()[layer, kv, block, offset, head, dim].storage_offset()
        except IndexError:
            raise ValueError("index") from None

    def element_offsets(self, layer, kv, slots):
        if not (0 <= layer < self.shape[0] and 0 <= kv < self.shape[1]):
            raise ValueError("index")
        first = layer * self.strides[0] + kv * self.strides[1]
        steps = torch.tensor([[self.strides[2]], [self.strides[3]]], dtype=torch.int64)
        wide = slots.long()
        index = torch.stack([wide // self.shape[3], wide % self.shape[3]])
        return torch.where(wide == -1, -1, (index * steps).sum(0) + first)

    def locate_element(self, element_offset):
        index = {}
        rest = element_offset
        for stride, axis in sorted(zip(self.strides, range(6), strict=False))[::-1]:
            if self.shape[axis] == 1:
                index[axis] = 0
                continue
            index[axis] = min(rest // stride, self.shape[axis] - 1)
            rest -= index[axis] * stride
        if rest or min(index.values()) < 0:
            raise ValueError("nothing lies there")
        return (
            index[0],
            index[1],
            index[2] * self.shape[3] + index[3],
            index[4],
            index[5],
        )

    def view(self, storage):
        end = self._meta()[tuple(size - 1 for size in self.shape)].storage_offset() + 1
        if storage.numel() < end:
            raise ValueError("too short")
        return storage[:end].as_strided(self.shape, self.strides)
