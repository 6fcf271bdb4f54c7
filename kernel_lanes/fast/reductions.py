"""Translates reductions and scans along an axis, with whatever combines two elements."""

from __future__ import annotations

import re

from kernel_lanes.fast.emitter import Emitter, Handler
from kernel_lanes.fast.ir import Op, Type, Unsupported
from kernel_lanes.fast.values import Indices, Value


def _reduce(emit: Emitter, op: Op) -> None:
    """From the first element to the last; the GPU's tree differs by rounding only."""
    inputs, axis = _inputs(emit, op)
    shape = inputs[0].type.dimensions
    totals = [emit.fresh(Type(one.type.element)) for one in inputs]
    outputs = [emit.fresh(kind) for kind in op.result_types]
    others = shape[:axis] + shape[axis + 1 :]
    with emit.loops(others) as at:
        for total, one in zip(totals, inputs, strict=True):
            emit.line(f"{total.lane(())} = {one.lane(_insert(at, axis, '0'))};")
        index = f"k{emit.number()}"
        emit.line(f"for (int {index} = 1; {index} < {shape[axis]}; {index}++) {{")
        _combine(emit, op, totals, [one.lane(_insert(at, axis, index)) for one in inputs])
        emit.line("}")
        for total, output in zip(totals, outputs, strict=True):
            emit.line(f"{output.lane(at)} = {total.lane(())};")
    for name, output in zip(op.results, outputs, strict=True):
        emit.define(name, output)


def _scan(emit: Emitter, op: Op) -> None:
    inputs, axis = _inputs(emit, op)
    shape = inputs[0].type.dimensions
    totals = [emit.fresh(Type(one.type.element)) for one in inputs]
    outputs = [emit.fresh(kind) for kind in op.result_types]
    others = shape[:axis] + shape[axis + 1 :]
    backwards = "reverse = true" in op.text
    with emit.loops(others) as at:
        step = f"k{emit.number()}"
        emit.line(f"for (int {step} = 0; {step} < {shape[axis]}; {step}++) {{")
        index = f"({shape[axis] - 1}-{step})" if backwards else step
        lanes = [one.lane(_insert(at, axis, index)) for one in inputs]
        emit.line(f"if ({step} == 0) {{")
        for total, lane in zip(totals, lanes, strict=True):
            emit.line(f"{total.lane(())} = {lane};")
        emit.line("} else {")
        _combine(emit, op, totals, lanes)
        emit.line("}")
        for total, output in zip(totals, outputs, strict=True):
            emit.line(f"{output.lane(_insert(at, axis, index))} = {total.lane(())};")
        emit.line("}")
    for name, output in zip(op.results, outputs, strict=True):
        emit.define(name, output)


def _combine(emit: Emitter, op: Op, totals: list[Value], lanes: list[str]) -> None:
    """Write the region: totals and one more element each become the new totals."""
    (block,) = op.regions[0].blocks
    elements = [emit.fresh(one.type) for one in totals]
    for element, lane in zip(elements, lanes, strict=True):
        emit.line(f"{element.lane(())} = {lane};")
    for (name, _), value in zip(block.parameters, (*totals, *elements), strict=True):
        emit.define(name, value)
    for one in block.ops[:-1]:
        emit.operation(one)
    results = [emit.settled(emit.value(name)) for name in block.ops[-1].operands]
    held = [emit.fresh(one.type) for one in results]
    for copy, result in zip(held, results, strict=True):
        emit.assign(copy, result)
    for total, copy in zip(totals, held, strict=True):
        emit.assign(total, copy)


def _inputs(emit: Emitter, op: Op) -> tuple[list[Value], int]:
    match = re.search(r"axis = (\d+)", op.text)
    if match is None:
        raise Unsupported(f"{op.name} without an axis", op.place)
    return [emit.settled(emit.value(name)) for name in op.operands], int(match[1])


def _insert(indices: Indices, axis: int, index: str) -> Indices:
    return (*indices[:axis], index, *indices[axis:])


HANDLERS: dict[str, Handler] = {"tt.reduce": _reduce, "tt.scan": _scan}
