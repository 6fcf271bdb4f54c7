"""Layouts of a KV cache as plain numbers: for programs, contract and reports. Needs no torch.

The six axes are layer, kv, block, offset, head and dim, in this order in every shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod

Axes = tuple[int, ...]

LAYER, KV, BLOCK, OFFSET, HEAD, DIM = range(6)
NAMES = ("layer", "kv", "block", "offset", "head", "dim")
NHD = (LAYER, KV, BLOCK, OFFSET, HEAD, DIM)
HND = (LAYER, KV, BLOCK, HEAD, OFFSET, DIM)
PER_BLOCK = (LAYER, BLOCK, KV, OFFSET, HEAD, DIM)
"""K and V of one block lie together, as in FlashInfer."""
PER_HEAD = (LAYER, BLOCK, HEAD, OFFSET, KV, DIM)
"""K and V of one head of one token lie together, as in vLLM 0.33."""
BLOCKS_FIRST = (BLOCK, LAYER, KV, HEAD, OFFSET, DIM)
"""All layers of one block lie together: one copy moves a block."""
ORDERS = (NHD, HND, PER_BLOCK, PER_HEAD, BLOCKS_FIRST)
SMALL = 100_000
"""Elements of a cache that are looked at one by one."""


@dataclass(frozen=True)
class Layout:
    """Sizes and strides of the six axes, in elements."""

    shape: Axes
    strides: Axes

    @property
    def slots(self) -> int:
        """Number of slots of one layer."""
        return self.shape[BLOCK] * self.shape[OFFSET]

    @property
    def last(self) -> int:
        """Offset of the element that lies last."""
        return self.offset([size - 1 for size in self.shape])

    def offset(self, index: Sequence[int]) -> int:
        """Where the element with these six indices lies."""
        return sum(at * stride for at, stride in zip(index, self.strides, strict=True))

    def of_slot(self, layer: int, kv: int, slot: int, head: int = 0, dim: int = 0) -> int:
        """Where an element of a token lies."""
        block, offset = divmod(slot, self.shape[OFFSET])
        return self.offset((layer, kv, block, offset, head, dim))

    def vector(self) -> Iterator[tuple[int, int]]:
        """Every (head, dim) of one token's K or V."""
        return product(range(self.shape[HEAD]), range(self.shape[DIM]))

    def holds(self, found: Sequence[int], offset: int) -> bool:
        """True if the element (layer, kv, slot, head, dim) is of the cache and lies there."""
        layers, two, *_, heads, dims = self.shape
        limits = (layers, two, self.slots, heads, dims)
        inside = all(0 <= at < size for at, size in zip(found, limits, strict=True))
        return inside and self.of_slot(*found) == offset


@cache
def elements_by_offset(layout: Layout) -> dict[int, tuple[int, ...]]:
    """The six indices of every element of a small cache, by where it lies; none of a large one."""
    if prod(layout.shape) > SMALL:
        return {}
    return {layout.offset(index): index for index in product(*map(range, layout.shape))}


def lay_out(shape: Sequence[int], order: Sequence[int] = NHD, gap: int = 0) -> Layout:
    """A layout with `gap` unused elements after every step on every axis.

    Args:
        shape: of the six axes.
        order: the axes, outermost first.
        gap: 0 for a contiguous layout.
    """
    strides, inside = [0] * 6, 1 + gap
    for axis in reversed(order):
        strides[axis] = inside
        inside = inside * shape[axis] + gap
    return Layout(tuple(shape), tuple(strides))


def element_name(layout: Layout, offset: int) -> str:
    """An element as a report names it."""
    index = elements_by_offset(layout).get(offset)
    if index is None:
        return f"element {offset} of the memory, in a gap"
    layer, kv, block, at, head, dim = index
    slot = block * layout.shape[OFFSET] + at
    return f"layer {layer}, {'KV'[kv]}, slot {slot}, head {head}, dim {dim}"
