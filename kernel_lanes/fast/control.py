"""Translates loops, branches and calls, and what carries values through them."""

from __future__ import annotations

import re

from kernel_lanes.fast.emitter import Emitter, Handler
from kernel_lanes.fast.ir import Block, Function, Op, Region, Unsupported, reachable
from kernel_lanes.fast.values import C_TYPES, Value


def function_body(emit: Emitter, function: Function) -> None:
    """Write a function's blocks; each but the first has a label, and parameters as variables."""
    blocks = reachable(function.body)
    if len(blocks) == 1:
        emit.block(blocks[0])
        return
    number = emit.number()
    targets: dict[str, tuple[str, tuple[Value, ...]]] = {}
    for block in blocks:
        values = tuple(emit.fresh(kind) for _, kind in block.parameters)
        targets[block.label] = (f"L{number}_{block.label[1:]}", values)
    jump = _Jumps(targets)
    for place, block in enumerate(blocks):
        label, values = targets[block.label]
        if place:
            emit.line(f"{label}:;")
            for (name, _), value in zip(block.parameters, values, strict=True):
                emit.define(name, value)
        for op in block.ops:
            if op.name in ("cf.br", "cf.cond_br"):
                jump.leave(emit, op)
            else:
                emit.operation(op)


class _Jumps:
    """Where the blocks of one function are, and what they are given."""

    def __init__(self, targets: dict[str, tuple[str, tuple[Value, ...]]]) -> None:
        self._targets = targets

    def leave(self, emit: Emitter, op: Op) -> None:
        """Write the jump at a block's end."""
        if op.name == "cf.br":
            self._go(emit, *op.successors[0])
            return
        condition = emit.value(op.operands[0]).lane(())
        emit.line(f"if ({condition}) {{")
        self._go(emit, *op.successors[0])
        emit.line("} else {")
        self._go(emit, *op.successors[1])
        emit.line("}")

    def _go(self, emit: Emitter, label: str, given: tuple[str, ...]) -> None:
        name, targets = self._targets[label]
        carry(emit, targets, tuple(emit.value(one) for one in given))
        emit.line(f"goto {name};")


def carry(emit: Emitter, targets: tuple[Value, ...], sources: tuple[Value, ...]) -> None:
    """Write values into variables all at once: a source may be another one's target."""
    if len(targets) == 1:
        emit.assign(targets[0], sources[0])
        return
    held = []
    for source in sources:
        copy = emit.fresh(source.type)
        emit.assign(copy, source)
        held.append(copy)
    for target, copy in zip(targets, held, strict=True):
        emit.assign(target, copy)


def _values(emit: Emitter, names: tuple[str, ...]) -> tuple[Value, ...]:
    return tuple(emit.value(name) for name in names)


def _only_block(region: Region, op: Op) -> Block:
    if len(region.blocks) != 1:
        raise Unsupported(f"{op.name} of several blocks", op.place)
    return region.blocks[0]


def _body(emit: Emitter, block: Block, targets: tuple[Value, ...]) -> None:
    """Write a block, and carry on what it yields at its end; without values it says nothing."""
    emit.block(block)
    if targets:
        carry(emit, targets, _values(emit, block.ops[-1].operands))


def _for(emit: Emitter, op: Op) -> None:
    variable, low, high, step, *pairs = op.operands
    names, starts = pairs[::2], pairs[1::2]
    targets = tuple(emit.fresh(kind) for kind in op.result_types)
    for target, begin in zip(targets, starts, strict=True):
        emit.assign(target, emit.value(begin))
    start, stop, by = (emit.value(name) for name in (low, high, step))
    counter = emit.fresh(start.type)
    kind, name = C_TYPES[start.type.element], f"n{emit.number()}"
    first, end, one_on = start.lane(()), stop.lane(()), by.lane(())
    emit.line(f"for ({kind} {name} = {first}; {name} < {end}; {name} += {one_on}) {{")
    emit.line(f"{counter.lane(())} = {name};")
    emit.define(variable, counter)
    for one, target in zip(names, targets, strict=True):
        emit.define(one, target)
    _body(emit, _only_block(op.regions[0], op), targets)
    emit.line("}")
    for one, target in zip(op.results, targets, strict=True):
        emit.define(one, target)


def _while(emit: Emitter, op: Op) -> None:
    names, starts = op.operands[::2], op.operands[1::2]
    before, after = (_only_block(region, op) for region in op.regions)
    held = tuple(emit.fresh(emit.value(start).type) for start in starts)
    for target, start in zip(held, starts, strict=True):
        emit.assign(target, emit.value(start))
    results = tuple(emit.fresh(kind) for kind in op.result_types)
    emit.line("for (;;) {")
    for one, target in zip(names, held, strict=True):
        emit.define(one, target)
    for inner in before.ops[:-1]:
        emit.operation(inner)
    condition, *passed = before.ops[-1].operands
    if results:
        carry(emit, results, _values(emit, tuple(passed)))
    emit.line(f"if (!{emit.value(condition).lane(())}) break;")
    for (one, _), value in zip(after.parameters, results, strict=True):
        emit.define(one, value)
    _body(emit, after, held)
    emit.line("}")
    for one, value in zip(op.results, results, strict=True):
        emit.define(one, value)


def _if(emit: Emitter, op: Op) -> None:
    targets = tuple(emit.fresh(kind) for kind in op.result_types)
    emit.line(f"if ({emit.value(op.operands[0]).lane(())}) {{")
    _body(emit, _only_block(op.regions[0], op), targets)
    if len(op.regions) > 1:
        emit.line("} else {")
        _body(emit, _only_block(op.regions[1], op), targets)
    emit.line("}")
    for one, target in zip(op.results, targets, strict=True):
        emit.define(one, target)


def _yield(emit: Emitter, op: Op) -> None:
    """A block's end: what it yields is carried by the operation that the block is part of."""


def _call(emit: Emitter, op: Op) -> None:
    match = re.match(r'@"?([^("]+)"?\(', op.text)
    function = emit.module.functions.get(match[1]) if match else None
    if function is None:
        raise Unsupported("a call of something unknown", op.place)
    results = call(emit, function, _values(emit, op.operands), op)
    for name, value in zip(op.results, results, strict=True):
        emit.define(name, value)


def call(
    emit: Emitter, function: Function, arguments: tuple[Value, ...], op: Op
) -> tuple[Value, ...]:
    """Write a function's body where it is called, and give what it returns."""
    if len(reachable(function.body)) == 1:
        returned: list[Value] = []
        with emit.inside(function, arguments):
            emit.leave = returned.extend
            function_body(emit, function)
        return tuple(returned)
    targets = tuple(emit.fresh(kind) for kind in op.result_types)
    end = f"E{emit.number()}"

    def leave(values: tuple[Value, ...]) -> None:
        for target, value in zip(targets, values, strict=True):
            emit.assign(target, value)
        emit.line(f"goto {end};")

    with emit.inside(function, arguments):
        emit.leave = leave
        function_body(emit, function)
    emit.line(f"{end}:;")
    return targets


def _return(emit: Emitter, op: Op) -> None:
    emit.leave(_values(emit, op.operands))


HANDLERS: dict[str, Handler] = {
    "scf.for": _for,
    "scf.while": _while,
    "scf.if": _if,
    "scf.yield": _yield,
    "tt.call": _call,
    "tt.return": _return,
}
