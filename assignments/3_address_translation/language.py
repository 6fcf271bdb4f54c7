"""What the judge asks of stage 3's operations: how a student reads them, and simpler forms."""

from __future__ import annotations

from collections.abc import Iterator

from stage3.layouts import NHD
from stage3.operations import batch, cache, ints
from stage3.wording import METHODS, show_state, to_python

from autograder.program.model import Op

__all__ = ["IMPORTS", "METHODS", "references", "show_state", "simpler", "to_python"]

IMPORTS = (
    "import torch",
    "from torch import int32, int64, tensor",
    "from pagedlab.address_translation import *",
    "from pagedlab.kv_cache_layout import *",
    "from pagedlab.kv_cache_ops import *",
)


def references(op: Op) -> Iterator[str]:
    """Operations name no earlier results."""
    return iter(())


def simpler(op: Op) -> Iterator[Op]:
    """Simpler forms of one operation, simplest first, for the shrinker."""
    if op.name == "batch":
        yield from _simpler_batch(op)
    elif op.name == "cache":
        yield from _simpler_cache(op)
    elif "slots" in op.args:
        slots = ints(op.args, "slots")
        for index in range(len(slots)):
            yield Op(op.name, {**op.args, "slots": slots[:index] + slots[index + 1 :]})
        if op.args.get("fused"):
            yield Op(op.name, {**op.args, "fused": False})
    elif op.name in ("locate", "translate", "split"):
        key = "slot" if op.name == "split" else "position"
        value = int(str(op.args[key]))
        for smaller in sorted({0, value // 2, value - 1}):
            if 0 <= smaller < value:
                yield Op(op.name, {**op.args, key: smaller})


def _simpler_batch(op: Op) -> Iterator[Op]:
    rows: list[list[int]] = op.args["table"]  # type: ignore[assignment]
    lengths, positions = ints(op.args, "lengths"), ints(op.args, "positions")
    block_size, columns = int(str(op.args["block_size"])), int(str(op.args["columns"]))
    step, start = int(str(op.args["step"])), 0
    for index, length in enumerate(lengths):
        end = start + length
        rest = positions[:start] + positions[end:]
        others = rows[:index] + rows[index + 1 :]
        if others:
            left = lengths[:index] + lengths[index + 1 :]
            yield batch(others, left, rest, block_size, columns, step)
        for token in range(start, end):
            fewer = [*lengths[:index], length - 1, *lengths[index + 1 :]]
            rest = positions[:token] + positions[token + 1 :]
            yield batch(rows, fewer, rest, block_size, columns, step)
        start = end
    for token in range(start, len(positions)):
        rest = positions[:token] + positions[token + 1 :]
        yield batch(rows, lengths, rest, block_size, columns, step)
    if step > 1 or columns < len(rows[0]):
        yield batch([row[: columns * step : step] for row in rows], lengths, positions, block_size)


def _simpler_cache(op: Op) -> Iterator[Op]:
    shape, order = tuple(ints(op.args, "shape")), tuple(ints(op.args, "order"))
    gap, start = int(str(op.args["gap"])), int(str(op.args["start"]))
    dtype = str(op.args["dtype"])
    if gap or start:
        yield cache(shape, order, 0, 0, dtype)
    if order != NHD:
        yield cache(shape, NHD, gap, start, dtype)
    for axis, size in enumerate(shape):
        if size > 1 and axis != 1:
            yield cache((*shape[:axis], size - 1, *shape[axis + 1 :]), order, gap, start, dtype)
