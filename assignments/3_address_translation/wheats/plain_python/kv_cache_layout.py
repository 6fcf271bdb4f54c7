"""A class of its own, and loops."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from pagedlab.errors import UnknownSlot

AXES = ("layer", "kv", "block", "offset", "head", "dim")
NHD = AXES
HND = ("layer", "kv", "block", "head", "offset", "dim")


class KVCacheLayout:
    def __init__(self, shape: Sequence[int], strides: Sequence[int]) -> None:
        self.shape = tuple(shape)
        self.strides = tuple(strides)

    @classmethod
    def contiguous(cls, shape: Sequence[int], order: Sequence[str] = NHD) -> KVCacheLayout:
        if len(order) != 6 or set(order) != set(AXES) or any(size < 1 for size in shape):
            raise ValueError("order")
        strides = []
        for axis in AXES:
            stride = 1
            for inner in order[order.index(axis) + 1 :]:
                stride *= shape[AXES.index(inner)]
            strides.append(stride)
        return cls(shape, strides)

    def element_offset(self, layer: int, kv: int, slot: int, head: int, dim: int) -> int:
        layers, two, blocks, block_size, heads, dims = self.shape
        for at, size in ((layer, layers), (kv, two), (head, heads), (dim, dims)):
            if not 0 <= at < size:
                raise ValueError("index")
        if not 0 <= slot < blocks * block_size:
            raise UnknownSlot("slot")
        total = 0
        for axis, at in enumerate((layer, kv, slot // block_size, slot % block_size, head, dim)):
            total += at * self.strides[axis]
        return total

    def element_offsets(self, layer: int, kv: int, slots: torch.Tensor) -> torch.Tensor:
        self.element_offset(layer, kv, 0, 0, 0)
        found = [-1 if s < 0 else self.element_offset(layer, kv, s, 0, 0) for s in slots.tolist()]
        return torch.tensor(found, dtype=torch.int64)

    def locate_element(self, element_offset: int) -> tuple[int, int, int, int, int]:
        if element_offset < 0:
            raise ValueError("offset")
        index, rest = [0] * 6, element_offset
        while rest:
            fitting = [a for a in range(6) if self.shape[a] > 1 and self.strides[a] <= rest]
            if not fitting:
                raise ValueError("offset")
            axis = max(fitting, key=lambda a: self.strides[a])
            index[axis] = rest // self.strides[axis]
            rest -= index[axis] * self.strides[axis]
            if index[axis] >= self.shape[axis]:
                raise ValueError("offset")
        return index[0], index[1], index[2] * self.shape[3] + index[3], index[4], index[5]

    def view(self, storage: torch.Tensor) -> torch.Tensor:
        try:
            return torch.as_strided(storage, self.shape, self.strides)
        except RuntimeError:
            raise ValueError("storage") from None
