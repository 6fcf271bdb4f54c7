"""The operations of stage 3: calls of the submission's functions with small lists of integers.

The driver makes the tensors. Programs about the cache begin with `cache`; every other operation
stands for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stage3.layouts import NHD, Axes, Layout, lay_out

from autograder.program.model import Op

Rows = Sequence[Sequence[int]]


def locate(position: int, block_size: int) -> Op:
    """Split a position."""
    return Op("locate", {"position": position, "block_size": block_size})


def translate(position: int, table: Sequence[int], block_size: int) -> Op:
    """Translate one position through one block table."""
    args = {"position": position, "table": list(table), "block_size": block_size}
    return Op("translate", args)


def split(slot: int, block_size: int) -> Op:
    """Split a slot."""
    return Op("split", {"slot": slot, "block_size": block_size})


def owner(slot: int, tables: Rows, num_tokens: Sequence[int], block_size: int) -> Op:
    """Ask who holds a slot."""
    rows, counts = [list(row) for row in tables], list(num_tokens)
    return Op("owner", {"slot": slot, "tables": rows, "tokens": counts, "block_size": block_size})


def batch(
    table: Rows,
    lengths: Sequence[int],
    positions: Sequence[int],
    block_size: int,
    columns: int = 0,
    step: int = 1,
) -> Op:
    """Translate a ragged batch.

    Args:
        table: the rows as they lie in memory, all of one length.
        lengths: how many tokens each request computes; what `positions` has more is padding.
        positions: of the tokens, request after request.
        block_size: token positions a block.
        columns: of the table that is handed over; 0 for all.
        step: every step-th column in memory is one of it.
    """
    rows = [list(row) for row in table]
    columns = columns or -(-len(rows[0]) // step)
    lists = {"table": rows, "lengths": list(lengths), "positions": list(positions)}
    return Op("batch", {**lists, "block_size": block_size, "columns": columns, "step": step})


def split_all(slots: Sequence[int], block_size: int) -> Op:
    """Split the slots of a batch."""
    return Op("split_all", {"slots": list(slots), "block_size": block_size})


def contiguous(shape: Axes, order: Sequence[str]) -> Op:
    """Make a contiguous layout with the axes in this order, by name."""
    return Op("contiguous", {"shape": list(shape), "order": list(order)})


def element(layout: Layout, layer: int, kv: int, slot: int, head: int, dim: int) -> Op:
    """Ask where an element lies."""
    return Op("element", {**_plain(layout), "index": [layer, kv, slot, head, dim]})


def elements(layout: Layout, layer: int, kv: int, slots: Sequence[int], dtype: str) -> Op:
    """Ask where the K or V of each token begins; the slots come as int32 or int64."""
    args = {**_plain(layout), "layer": layer, "kv": kv, "slots": list(slots), "dtype": dtype}
    return Op("elements", args)


def find_element(layout: Layout, offset: int) -> Op:
    """Ask what lies at an offset."""
    return Op("find_element", {**_plain(layout), "offset": offset})


def view(layout: Layout, size: int) -> Op:
    """Show `size` elements of memory as a cache."""
    return Op("view", {**_plain(layout), "size": size})


def cache(
    shape: Axes, order: Axes = NHD, gap: int = 0, start: int = 0, dtype: str = "float32"
) -> Op:
    """Make a cache that begins `start` elements into its memory, full of `first_numbers`."""
    layout = lay_out(shape, order, gap)
    place = {"order": list(order), "gap": gap, "start": start, "dtype": dtype}
    return Op("cache", {**_plain(layout), **place, "size": start + layout.last + 1 + 2 * gap})


def write(layer: int, slots: Sequence[int], first: int, fused: bool = False) -> Op:
    """Write tokens whose K and V hold the numbers from `first` on, each once.

    Fused: K and V are views of one tensor, as a layer that computes them together gives them.
    """
    return Op("write", {"layer": layer, "slots": list(slots), "first": first, "fused": fused})


def write_ones(
    layer: int, slots: Sequence[int], keys: Sequence[int], values: Sequence[int], dtype: str
) -> Op:
    """Try to write ones of these shapes and this dtype."""
    shapes = {"keys": list(keys), "values": list(values), "dtype": dtype}
    return Op("write_ones", {"layer": layer, "slots": list(slots), **shapes})


def gather(layer: int, slots: Sequence[int]) -> Op:
    """Read tokens."""
    return Op("gather", {"layer": layer, "slots": list(slots)})


def clock(requests: int, tokens: int) -> Op:
    """Time the translation of a batch. What it says decides nothing."""
    return Op("clock", {"requests": requests, "tokens": tokens})


def first_numbers(size: int) -> list[int]:
    """What the memory of a cache holds at first: numbers that are exact in every dtype."""
    return [-1 - at % 2000 for at in range(size)]


def ints(args: Mapping[str, object], key: str) -> list[int]:
    """A list of integers among an operation's arguments."""
    return list(args[key])  # type: ignore[call-overload, no-any-return]


def layout_of(args: Mapping[str, object]) -> Layout:
    """The layout among an operation's arguments."""
    return Layout(tuple(ints(args, "shape")), tuple(ints(args, "strides")))


def _plain(layout: Layout) -> dict[str, list[int]]:
    return {"shape": list(layout.shape), "strides": list(layout.strides)}
