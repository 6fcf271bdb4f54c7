"""Where the elements of a paged cache lie in memory. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

GAP = 16
"""Elements behind each head's vector in the layout with gaps: rows stay aligned."""


@dataclass(frozen=True)
class Place:
    """One tensor in a piece of memory: elements, not bytes."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    start: int
    size: int


def cache_places(shape: tuple[int, int, int, int], layout: str) -> tuple[Place, Place, bool]:
    """Where K and V lie, and whether they share one piece of memory.

    Args:
        shape: [blocks, block size, KV heads, head size].
        layout: one of CACHE_LAYOUTS.
    """
    blocks, tokens, heads, dims = shape
    whole = blocks * tokens * heads * dims
    nhd = Place(shape, (tokens * heads * dims, heads * dims, dims, 1), 0, whole)
    hnd = Place(shape, (tokens * heads * dims, dims, tokens * dims, 1), 0, whole)
    if layout == "fused":
        half = tokens * heads * dims
        strides = (2 * half, heads * dims, dims, 1)
        return Place(shape, strides, 0, 2 * whole), Place(shape, strides, half, 2 * whole), True
    if layout == "gaps":
        row = dims + GAP
        strides = (tokens * heads * row, heads * row, row, 1)
        nhd = Place(shape, strides, 0, blocks * tokens * heads * row)
    if layout == "dims_apart":
        nhd = Place(shape, (tokens * heads * dims, heads * dims, 1, heads), 0, whole)
    return hnd if layout == "hnd" else nhd, hnd if layout in ("hnd", "mixed") else nhd, False
