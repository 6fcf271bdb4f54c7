"""Stage 3. From a slot to an element in memory, and back: the layout of the KV cache.

The third level of address translation. Logically the cache has six axes, whatever their order in
memory; the strides say where an element really is. Read next in vLLM: `get_kv_cache_shape` and
`get_kv_cache_stride_order` of the attention backends in `vllm/v1/attention/backends/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

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
        raise NotImplementedError("Stage 3 · KVCacheLayout.contiguous is not written yet")

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
        raise NotImplementedError("Stage 3 · KVCacheLayout.element_offset is not written yet")

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
        raise NotImplementedError("Stage 3 · KVCacheLayout.element_offsets is not written yet")

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
        raise NotImplementedError("Stage 3 · KVCacheLayout.locate_element is not written yet")

    def view(self, storage: torch.Tensor) -> torch.Tensor:
        """Show a flat piece of memory as the cache. Nothing is copied: both share the memory.

        Args:
            storage: one axis, contiguous, of any dtype.

        Returns:
            [layers, 2, blocks, block size, KV heads, head size], with the layout's strides.

        Raises:
            ValueError: the storage ends before the cache's last element.
        """
        raise NotImplementedError("Stage 3 · KVCacheLayout.view is not written yet")
