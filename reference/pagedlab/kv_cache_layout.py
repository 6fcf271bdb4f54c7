"""Stage 3. From a slot to an element in memory, and back: the layout of the KV cache.

The third level of address translation. Logically the cache has six axes, whatever their order in
memory; the strides say where an element really is. Read next in vLLM: `get_kv_cache_shape` and
`get_kv_cache_stride_order` of the attention backends in `vllm/v1/attention/backends/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from pagedlab.errors import UnknownSlot

AXES = ("layer", "kv", "block", "offset", "head", "dim")
"""The axes of the cache, in the order of its shape. On the axis "kv", 0 is K and 1 is V."""
NHD = ("layer", "kv", "block", "offset", "head", "dim")
"""Outermost axis first: of a block, all heads of one token lie together."""
HND = ("layer", "kv", "block", "head", "offset", "dim")
"""Outermost axis first: of a block, all tokens of one head lie together."""


@dataclass(frozen=True)
class KVCacheLayout:
    """Where each element of the cache lies, in elements from the start of its storage.

    Attributes:
        shape: of the axes `AXES`: layers, 2, blocks, block size, KV heads, head size.
        strides: of the same axes: how many elements lie between neighbours on it. They may leave
            gaps between elements, and no two elements lie in one place.
    """

    shape: tuple[int, int, int, int, int, int]
    strides: tuple[int, int, int, int, int, int]

    @classmethod
    def contiguous(
        cls, shape: tuple[int, int, int, int, int, int], order: Sequence[str] = NHD
    ) -> KVCacheLayout:
        """Lay the axes out without gaps.

        Example:
            >>> KVCacheLayout.contiguous((1, 2, 10, 4, 2, 8), HND).strides
            (1280, 640, 64, 8, 32, 1)

        Args:
            shape: sizes of the axes `AXES`, each at least 1.
            order: the axes by name, outermost in memory first.

        Returns:
            The layout with the strides, in elements, that follow.

        Raises:
            ValueError: `order` is no permutation of `AXES`, or a size is below 1.
        """
        # BEGIN SOLUTION
        if sorted(order) != sorted(AXES) or min(shape) < 1:
            raise ValueError(f"no layout of shape {shape} in the order {order}")
        size = dict(zip(AXES, shape, strict=True))
        stride, inside = {}, 1
        for axis in reversed(order):
            stride[axis] = inside
            inside *= size[axis]
        layer, kv, block, offset, head, dim = (stride[axis] for axis in AXES)
        return cls(shape, (layer, kv, block, offset, head, dim))
        # END SOLUTION

    def element_offset(self, layer: int, kv: int, slot: int, head: int, dim: int) -> int:
        """Where one element lies.

        Args:
            layer: from 0.
            kv: 0 for K, 1 for V.
            slot: of the token; not that of padding.
            head: KV head, from 0.
            dim: place in the head's vector, from 0.

        Returns:
            The distance from the start of the storage, in elements.

        Raises:
            UnknownSlot: the slot is not of this cache.
            ValueError: another index is negative or too large.
        """
        # BEGIN SOLUTION
        if not 0 <= slot < self.shape[2] * self.shape[3]:
            raise UnknownSlot(f"slot {slot} is not of this cache")
        index = (layer, kv, *divmod(slot, self.shape[3]), head, dim)
        if not all(0 <= at < size for at, size in zip(index, self.shape, strict=True)):
            raise ValueError(f"element {index} is not of a cache of shape {self.shape}")
        return sum(at * stride for at, stride in zip(index, self.strides, strict=True))
        # END SOLUTION

    def element_offsets(self, layer: int, kv: int, slots: torch.Tensor) -> torch.Tensor:
        """Where the K or V of each token of a batch begins: its first head's first element.

        Args:
            layer: from 0.
            kv: 0 for K, 1 for V.
            slots: int32 or int64 [tokens], each of this cache, or `PAD_SLOT_ID` for padding.

        Returns:
            int64 [tokens], in elements from the start of the storage; -1 for padding.

        Raises:
            ValueError: `layer` or `kv` is negative or too large.
        """
        # BEGIN SOLUTION
        start = self.element_offset(layer, kv, 0, 0, 0)
        slots = slots.to(torch.int64)
        blocks = torch.div(slots, self.shape[3], rounding_mode="floor")
        offsets = slots - blocks * self.shape[3]
        found = start + blocks * self.strides[2] + offsets * self.strides[3]
        return found.masked_fill(slots < 0, -1)
        # END SOLUTION

    def locate_element(self, element_offset: int) -> tuple[int, int, int, int, int]:
        """Say which element lies in a place: the inverse of `element_offset`.

        Asks for nested strides: what lies inside one step on an axis ends before the next step.

        Args:
            element_offset: in elements from the start of the storage.

        Returns:
            layer, kv, slot, head, dim.

        Raises:
            ValueError: no element of the cache lies there.
        """
        # BEGIN SOLUTION
        rest, index = element_offset, [0] * len(AXES)
        axes = [axis for axis in range(len(AXES)) if self.shape[axis] > 1]
        for axis in sorted(axes, key=lambda axis: self.strides[axis], reverse=True):
            index[axis], rest = divmod(rest, self.strides[axis])
        if rest or not all(0 <= at < size for at, size in zip(index, self.shape, strict=True)):
            raise ValueError(f"no element lies at offset {element_offset}")
        layer, kv, block, offset, head, dim = index
        return layer, kv, block * self.shape[3] + offset, head, dim
        # END SOLUTION

    def view(self, storage: torch.Tensor) -> torch.Tensor:
        """Show a flat piece of memory as the cache. Nothing is copied: both share the memory.

        Args:
            storage: one axis, contiguous, of any dtype.

        Returns:
            [layers, 2, blocks, block size, KV heads, head size], with the layout's strides.

        Raises:
            ValueError: the storage ends before the cache's last element.
        """
        # BEGIN SOLUTION
        last = sum((n - 1) * stride for n, stride in zip(self.shape, self.strides, strict=True))
        if last >= storage.numel():
            raise ValueError(f"the cache needs {last + 1} elements, not {storage.numel()}")
        return storage.as_strided(self.shape, self.strides)
        # END SOLUTION
