"""Translates loads, stores, atomics and assertions: what is counted, and what can be a fault."""

from __future__ import annotations

import re

from kernel_lanes.fast.emitter import Emitter, Handler
from kernel_lanes.fast.ir import SIZES, Op, Type, Unsupported
from kernel_lanes.fast.values import Value, of_element

READS, WRITES, UPDATES = 1, 2, 3

UNDEFINED = {
    "i1": "0", "i8": "127", "i16": "32767", "i32": "(1 << 30)", "i64": "(1 << 30)",
    "ptr": "0",
}  # fmt: skip
"""What a masked-off lane gives that was given no `other`; NaN for floats."""


def _load(emit: Emitter, op: Op) -> None:
    pointers, *rest = (emit.value(name) for name in op.operands)
    mask = rest[0] if rest else None
    kind = _pointed(pointers, op)
    target, element = emit.fresh(kind), kind.element
    off = rest[1] if len(rest) > 1 else Value(kind, lambda _: UNDEFINED.get(element, "NAN"), True)
    emit.line("begin_access();")
    with emit.loops(kind.dimensions) as at:
        if mask is not None:
            emit.line(f"if (!{mask.lane(at)}) {{ {target.lane(at)} = {off.lane(at)}; }} else")
        emit.line(f"{{ uint64_t p = {pointers.lane(at)};")
        emit.line(
            f"if (touch(p, {SIZES[element]}, {READS})) {target.lane(at)} = get_{element}(p); }}"
        )
    _end(emit, op, READS)
    emit.define(op.results[0], target)


def _store(emit: Emitter, op: Op) -> None:
    pointers, value, *rest = (emit.value(name) for name in op.operands)
    kind = _pointed(pointers, op)
    element = kind.element
    emit.line("begin_access();")
    with emit.loops(kind.dimensions) as at:
        if rest:
            emit.line(f"if ({rest[0].lane(at)})")
        emit.line(f"{{ uint64_t p = {pointers.lane(at)};")
        emit.line(
            f"if (touch(p, {SIZES[element]}, {WRITES})) put_{element}(p, {value.lane(at)}); }}"
        )
    _end(emit, op, WRITES)


_COMBINED = {
    "add": "{old} + {new}", "fadd": "{old} + {new}", "and": "{old} & {new}",
    "or": "{old} | {new}", "xor": "{old} ^ {new}", "exch": "{new}",
    "max": "max_{signed}({old}, {new})", "min": "min_{signed}({old}, {new})",
    "umax": "max_u{signed}({old}, {new})", "umin": "min_u{signed}({old}, {new})",
}  # fmt: skip


def _atomic(emit: Emitter, op: Op) -> None:
    """One lane after the other, in the order of lanes."""
    pointers, new, *rest = (emit.value(name) for name in op.operands)
    how = op.text.split(",")[0].strip()
    kind = _pointed(pointers, op)
    if how not in _COMBINED:
        raise Unsupported(f"an atomic {how}", op.place)
    element, target = kind.element, emit.fresh(kind)
    signed = f"int{8 * SIZES[element]}_t"
    emit.line("begin_access();")
    with emit.loops(kind.dimensions) as at:
        here = target.lane(at)
        emit.line(f"{here} = 0;")
        if rest:
            emit.line(f"if ({rest[0].lane(at)})")
        emit.line(f"{{ uint64_t p = {pointers.lane(at)};")
        emit.line(f"if (touch(p, {SIZES[element]}, {UPDATES})) {{ {here} = get_{element}(p);")
        text = _COMBINED[how].format(old=here, new=f"({new.lane(at)})", signed=signed)
        emit.line(f"put_{element}(p, {of_element(element, text)}); }} }}")
    _end(emit, op, UPDATES)
    emit.define(op.results[0], target)


def _compare_and_swap(emit: Emitter, op: Op) -> None:
    pointers, expected, new = (emit.value(name) for name in op.operands)
    kind = _pointed(pointers, op)
    element, target = kind.element, emit.fresh(kind)
    emit.line("begin_access();")
    with emit.loops(kind.dimensions) as at:
        here = target.lane(at)
        emit.line(f"{{ uint64_t p = {pointers.lane(at)};")
        emit.line(f"if (touch(p, {SIZES[element]}, {UPDATES})) {{ {here} = get_{element}(p);")
        emit.line(f"if ({here} == {expected.lane(at)}) put_{element}(p, {new.lane(at)}); }} }}")
    _end(emit, op, UPDATES)
    emit.define(op.results[0], target)


def _assert(emit: Emitter, op: Op) -> None:
    condition = emit.value(op.operands[0])
    message = re.search(r'"((?:[^"\\]|\\.)*)"', op.text)
    site = emit.site(f"{op.place} {message[1] if message else ''}")
    with emit.loops(condition.type.dimensions) as at:
        emit.line(f"if (!{condition.lane(at)}) return failed_assertion({site});")


def _end(emit: Emitter, op: Op, does: int) -> None:
    emit.line(f"if (end_access({emit.site(op.place)}, {does})) return 1;")


def _pointed(pointers: Value, op: Op) -> Type:
    """The type of what is pointed to.

    Raises:
        Unsupported: it is a block pointer, whose elements are no pointers.
    """
    if pointers.type.element != "ptr":
        raise Unsupported("a block pointer", op.place)
    return pointers.type.pointed()


HANDLERS: dict[str, Handler] = {
    "tt.load": _load,
    "tt.store": _store,
    "tt.atomic_rmw": _atomic,
    "tt.atomic_cas": _compare_and_swap,
    "tt.assert": _assert,
}
