"""Translates what makes, bends and multiplies tensors."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from kernel_lanes.fast import elementwise
from kernel_lanes.fast.emitter import Emitter, Handler
from kernel_lanes.fast.ir import Op, Unsupported
from kernel_lanes.fast.values import Indices, Value, constant, variable


def _elementwise(emit: Emitter, op: Op) -> None:
    if not emit.is_used(op):
        return
    operands = [emit.value(name) for name in op.operands]
    kinds, result = [one.type for one in operands], op.result_types[0]
    if op.name == "arith.bitcast" and kinds[0] == result:
        emit.define(op.results[0], operands[0])
        return

    def lane(at: Indices) -> str:
        lanes = [one.lane(at if one.type.shape is not None else ()) for one in operands]
        return elementwise.expression(op, lanes, kinds, result)

    emit.define(op.results[0], Value(result, lane, free=False))


def _constant(emit: Emitter, op: Op) -> None:
    emit.define(op.results[0], constant(op.result_types[0], op.text.strip(), op.place))


def _poison(emit: Emitter, op: Op) -> None:
    emit.define(op.results[0], Value(op.result_types[0], lambda _: "0", free=True))


def _program_id(emit: Emitter, op: Op) -> None:
    axis = "xyz".index(op.text.strip()[0])
    number = (
        f"program_id[{axis}]" if op.name == "tt.get_program_id" else f"(int32_t)job->grid[{axis}]"
    )
    emit.define(op.results[0], Value(op.result_types[0], lambda _: number, free=True))


def _make_range(emit: Emitter, op: Op) -> None:
    start = _attribute(op, "start")
    kind = op.result_types[0]
    emit.define(op.results[0], Value(kind, lambda at: f"({start}+{at[0]})", free=True))


def _splat(emit: Emitter, op: Op) -> None:
    scalar = emit.settled(emit.value(op.operands[0]))
    origin = (("0",) * len(scalar.type.dimensions)) if scalar.type.shape is not None else ()
    kind = replace(op.result_types[0], pointee=scalar.type.pointee)
    emit.define(op.results[0], Value(kind, lambda _: scalar.lane(origin), free=True))


def _broadcast(emit: Emitter, op: Op) -> None:
    small = emit.settled(emit.value(op.operands[0]))
    kept = [size != 1 for size in small.type.dimensions]

    def lane(at: Indices) -> str:
        return small.lane(tuple(i if keep else "0" for i, keep in zip(at, kept, strict=True)))

    emit.define(op.results[0], Value(op.result_types[0], lane, free=True))


def _expand_dims(emit: Emitter, op: Op) -> None:
    value, axis = emit.value(op.operands[0]), _attribute(op, "axis")

    def lane(at: Indices) -> str:
        return value.lane(at[:axis] + at[axis + 1 :])

    emit.define(op.results[0], Value(op.result_types[0], lane, value.free, value.array))


def _trans(emit: Emitter, op: Op) -> None:
    match = re.search(r"order = array<i32: ([\d, ]+)>", op.text)
    if match is None:
        raise Unsupported("a transposition without an order", op.place)
    order = [int(axis) for axis in match[1].split(",")]
    value = emit.value(op.operands[0])

    def lane(at: Indices) -> str:
        return value.lane(tuple(at[order.index(axis)] for axis in range(len(order))))

    emit.define(op.results[0], Value(op.result_types[0], lane, value.free))


def _reshape(emit: Emitter, op: Op) -> None:
    value = emit.in_array(emit.value(op.operands[0]))
    emit.define(op.results[0], variable(op.result_types[0], value.array))


def _join(emit: Emitter, op: Op) -> None:
    first, second = (emit.settled(emit.value(name)) for name in op.operands)

    def lane(at: Indices) -> str:
        return f"({at[-1]} ? {second.lane(at[:-1])} : {first.lane(at[:-1])})"

    emit.define(op.results[0], Value(op.result_types[0], lane, free=False))


def _split(emit: Emitter, op: Op) -> None:
    value = emit.settled(emit.value(op.operands[0]))
    for name, place in zip(op.results, "01", strict=True):
        emit.define(name, Value(op.result_types[0], partial(_half, value, place), free=True))


def _half(value: Value, place: str, at: Indices) -> str:
    return value.lane((*at, place))


def _cat(emit: Emitter, op: Op) -> None:
    first, second = (emit.settled(emit.value(name)) for name in op.operands)
    size = first.type.dimensions[0]

    def lane(at: Indices) -> str:
        rest = at[1:]
        ahead, behind = first.lane((at[0], *rest)), second.lane((f"({at[0]}-{size})", *rest))
        return f"({at[0]} < {size} ? {ahead} : {behind})"

    emit.define(op.results[0], Value(op.result_types[0], lane, free=False))


def _unsplat(emit: Emitter, op: Op) -> None:
    value = emit.settled(emit.value(op.operands[0]))
    origin = ("0",) * len(value.type.dimensions)
    emit.define(op.results[0], Value(op.result_types[0], lambda _: value.lane(origin), free=True))


def _gather(emit: Emitter, op: Op) -> None:
    source, index = (emit.settled(emit.value(name)) for name in op.operands)
    axis = _attribute(op, "axis")

    def lane(at: Indices) -> str:
        return source.lane((*at[:axis], f"({index.lane(at)})", *at[axis + 1 :]))

    emit.define(op.results[0], Value(op.result_types[0], lane, free=False))


def _nothing(emit: Emitter, op: Op) -> None:
    """A hint, or a barrier: a program here is one thread."""


def _attribute(op: Op, name: str) -> int:
    match = re.search(rf"\b{name} = (-?\d+)", op.text)
    if match is None:
        raise Unsupported(f"{op.name} without {name}", op.place)
    return int(match[1])


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(elementwise.OPERATIONS, _elementwise),
    "arith.constant": _constant,
    "ub.poison": _poison,
    "tt.get_program_id": _program_id,
    "tt.get_num_programs": _program_id,
    "tt.make_range": _make_range,
    "tt.splat": _splat,
    "tt.unsplat": _unsplat,
    "tt.broadcast": _broadcast,
    "tt.expand_dims": _expand_dims,
    "tt.trans": _trans,
    "tt.reshape": _reshape,
    "tt.join": _join,
    "tt.split": _split,
    "tt.cat": _cat,
    "tt.gather": _gather,
    "tt.print": _nothing,
    "llvm.intr.assume": _nothing,
    "gpu.barrier": _nothing,
    "ttg.barrier": _nothing,
}
