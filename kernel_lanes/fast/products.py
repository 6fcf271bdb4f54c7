"""Translates matrix products."""

from __future__ import annotations

from kernel_lanes.fast.emitter import Emitter, Handler
from kernel_lanes.fast.ir import FLOATS, Op, Type
from kernel_lanes.fast.values import Indices, Value, of_element


def _dot(emit: Emitter, op: Op) -> None:
    """Rows times columns in the order of memory; products are added up one after the other."""
    a, b, c = (emit.value(name) for name in op.operands)
    a, b = emit.in_array(a), emit.in_array(b)
    kind = op.result_types[0]
    *batch, rows, columns = kind.dimensions
    inner = a.type.dimensions[-1]
    total = emit.fresh(Type("f32" if kind.element in FLOATS else kind.element, kind.shape))
    if kind.element == "f64":
        total = emit.fresh(kind)
    emit.assign(total, c)
    emit.line(f"job->flops += INT64_C({2 * kind.lanes * inner});")
    wide = "double" if kind.element == "f64" else "float" if kind.element in FLOATS else "int32_t"
    with emit.loops((*batch, rows, inner)) as at:
        *outer, row, k = at
        emit.line(f"{wide} x = {a.lane((*outer, row, k))};")
        with emit.loops((columns,)) as (column,):
            cell = total.lane((*outer, row, column))
            emit.line(f"{cell} += x * {b.lane((*outer, k, column))};")
    if kind.element in ("f16", "bf16"):
        wide_total = total

        def lane(at: Indices) -> str:
            return of_element(kind.element, wide_total.lane(at))

        emit.define(op.results[0], Value(kind, lane, free=False))
        return
    emit.define(op.results[0], total)


HANDLERS: dict[str, Handler] = {"tt.dot": _dot}
