"""What a kernel moved and computed, against what no kernel can do without. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kernel_lanes.record import SECTOR, Record
from kernel_lanes.shapes import PagedShape

INDEX_SIZE = 4
"""Bytes of a block id, a length or a start."""


@dataclass(frozen=True)
class Minimum:
    """The least that computes a batch.

    Attributes:
        loads: bytes of each array that must be read once, whatever the kernel.
        stores: bytes that must be written.
        dot_flops: of the two products, for the pairs of tokens that count.
    """

    loads: Mapping[str, int]
    stores: Mapping[str, int]
    dot_flops: int

    @property
    def moved(self) -> int:
        """Bytes read and written."""
        return sum(self.loads.values()) + sum(self.stores.values())


@dataclass(frozen=True)
class ArrayLine:
    """One array: bytes moved in whole sectors, and the least. The least of scratch is 0."""

    name: str
    loaded: int
    stored: int
    least: int

    @property
    def ratio(self) -> float:
        """How many times the least was moved; 0 where there is no least."""
        return (self.loaded + self.stored) / self.least if self.least else 0.0


@dataclass(frozen=True)
class Comparison:
    """A run against the minimum.

    Attributes:
        lines: by array, the one that moved most first.
        moved: bytes in whole sectors, all launches together.
        least: bytes that must be moved.
        cache_ratio: bytes of keys and values loaded, by the least: how often each is read.
        flops_ratio: products computed, by the least; padding and masked positions count.
        imbalance: bytes loaded by the program that loads most, by the mean; of the worst launch.
        launches: kernels launched.
    """

    lines: tuple[ArrayLine, ...]
    moved: int
    least: int
    cache_ratio: float
    flops_ratio: float
    imbalance: float
    launches: int

    @property
    def ratio(self) -> float:
        """Bytes moved by the least: 1 is perfect, and less cannot be."""
        return self.moved / self.least if self.least else 0.0


def minimum(shape: PagedShape) -> Minimum:
    """Every key and value that some token may see is read once, however many heads share it."""
    seen = sum(total for new, total in shape.sequences if new)
    cache = seen * shape.kv_heads * shape.head_size * shape.item_size
    rows = shape.tokens * shape.heads * shape.head_size * shape.item_size
    count = len(shape.sequences)
    loads = {
        "query": rows,
        "key_cache": cache,
        "value_cache": cache,
        "block_table": shape.blocks * INDEX_SIZE,
        "seq_lens": count * INDEX_SIZE,
        "query_start_loc": (count + 1) * INDEX_SIZE,
    }
    flops = 4 * shape.scores * shape.heads * shape.head_size
    return Minimum(loads, {"output": rows}, flops)


def compare(record: Record, least: Minimum) -> Comparison:
    """Hold a run against the minimum, by names of arrays; one that it does not name is scratch."""
    loaded: dict[str, int] = {}
    stored: dict[str, int] = {}
    for launch in record.launches:
        for name, one in launch.arrays.items():
            loaded[name] = loaded.get(name, 0) + one.load_sectors * SECTOR
            stored[name] = stored.get(name, 0) + one.store_sectors * SECTOR
    floor = {**least.loads, **least.stores}
    names = sorted(loaded, key=lambda name: (-loaded[name] - stored[name], name))
    lines = tuple(ArrayLine(n, loaded[n], stored[n], floor.get(n, 0)) for n in names)
    cache = sum(
        one.load_bytes
        for launch in record.launches
        for name, one in launch.arrays.items()
        if name in ("key_cache", "value_cache")
    )
    cache_least = least.loads["key_cache"] + least.loads["value_cache"]
    flops = sum(launch.dot_flops for launch in record.launches)
    return Comparison(
        lines,
        sum(loaded.values()) + sum(stored.values()),
        least.moved,
        cache / cache_least if cache_least else 0.0,
        flops / least.dot_flops if least.dot_flops else 0.0,
        _imbalance(record),
        len(record.launches),
    )


def _imbalance(record: Record) -> float:
    worst = 0.0
    for launch in record.launches:
        total = sum(one.load_bytes for one in launch.arrays.values())
        if total:
            worst = max(worst, launch.most_loaded * launch.programs / total)
    return worst
