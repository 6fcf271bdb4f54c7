"""Writes C for a kernel, operation by operation.

Work on lanes is put off: a result that is used once is written into the loop that uses it, so that
a chain of operations becomes one loop. What is used more often, in another block, or in every lane
of something larger, is settled in an array first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from kernel_lanes.fast.ir import Block, Function, Module, Op, Type, Unsupported
from kernel_lanes.fast.values import C_TYPES, Indices, Value, variable

Handler = Callable[["Emitter", Op], None]


class Uses:
    """How often the values of a function are used, and which of them in another block."""

    def __init__(self, function: Function) -> None:
        """Go through the function once."""
        self.times: Counter[str] = Counter()
        self.abroad: set[str] = set()
        homes: dict[str, Block] = {}  # parameters are in none: theirs is the caller's
        for top in function.body.blocks:
            for block, op in top.walk():
                homes.update(dict.fromkeys(op.results, block))
                given = (*op.operands, *(one for _, some in op.successors for one in some))
                self.times.update(given)
                self.abroad.update(one for one in given if homes.get(one) is not block)


class Emitter:
    """The C text so far, and what each value is called in it.

    Attributes:
        module: for calls.
        sites: source places of accesses and assertions, by number.
    """

    def __init__(self, module: Module, handlers: Mapping[str, Handler]) -> None:
        """Begin with nothing written."""
        self.module = module
        self.sites: list[str] = []
        self.arrays: list[str] = []
        self.scalars: list[str] = []
        self.body: list[str] = []
        self.leave: Callable[[tuple[Value, ...]], None] = lambda _: self.line("return 0;")
        self._handlers = handlers
        self._values: dict[str, Value] = {}
        self._uses = Uses(module.kernel)
        self._numbers = 0

    def value(self, name: str) -> Value:
        """A value that has been defined."""
        return self._values[name]

    def line(self, text: str) -> None:
        """Write one line."""
        self.body.append(text)

    def number(self) -> int:
        """A number that has not been given out yet."""
        self._numbers += 1
        return self._numbers

    def site(self, place: str) -> int:
        """The number of a source place."""
        if place not in self.sites:
            self.sites.append(place)
        return self.sites.index(place)

    def fresh(self, kind: Type) -> Value:
        """A new C variable or array, not initialised."""
        name, c_type = f"v{self.number()}", C_TYPES[kind.element]
        if kind.shape is None:
            self.scalars.append(f"{c_type} {name} = 0;")
        else:
            self.arrays.append(f"static {c_type} {name}[{kind.lanes}] ALIGNED;")
        return variable(kind, name)

    @contextmanager
    def loops(self, shape: tuple[int, ...]) -> Iterator[Indices]:
        """Write loops over a shape around what is written in `with`."""
        number = self.number()
        indices = tuple(f"i{number}_{axis}" for axis in range(len(shape)))
        for index, size in zip(indices, shape, strict=True):
            self.line(f"for (int {index} = 0; {index} < {size}; {index}++) {{")
        yield tuple("0" if size == 1 else i for i, size in zip(indices, shape, strict=True))
        if shape:
            self.line("}" * len(shape))

    def assign(self, target: Value, source: Value) -> None:
        """Write all lanes of a value into a variable of the same shape."""
        with self.loops(target.type.dimensions) as at:
            self.line(f"{target.lane(at)} = {source.lane(at)};")

    def settled(self, value: Value) -> Value:
        """The value as a variable or an array, or free to be written down again."""
        if value.free:
            return value
        target = self.fresh(value.type)
        self.assign(target, value)
        return target

    def in_array(self, value: Value) -> Value:
        """The value in an array of its own or one that holds exactly it; scalars in a variable."""
        if value.array or value.type.shape is None:
            return self.settled(value)
        target = self.fresh(value.type)
        self.assign(target, value)
        return target

    def define(self, name: str, value: Value) -> None:
        """Give a value its name; settle it where putting it off would do the work twice."""
        often = self._uses.times[name] > 1 or name in self._uses.abroad
        scalar = value.type.shape is None
        if not value.free and (often or scalar):
            value = self.settled(value)
        self._values[name] = value

    def is_used(self, op: Op) -> bool:
        """False if nobody takes any of the results."""
        return any(self._uses.times[name] for name in op.results)

    def operation(self, op: Op) -> None:
        """Write one operation.

        Raises:
            Unsupported: there is no translation.
        """
        handler = self._handlers.get(op.name)
        if handler is None:
            raise Unsupported(op.name, op.place)
        handler(self, op)

    def block(self, block: Block) -> None:
        """Write all operations of a block."""
        for op in block.ops:
            self.operation(op)

    @contextmanager
    def inside(self, function: Function, arguments: tuple[Value, ...]) -> Iterator[None]:
        """Write another function's body in the place of a call."""
        kept = (self._values, self._uses, self.leave)
        self._uses, self._values = Uses(function), {}
        for (name, _), value in zip(function.parameters, arguments, strict=True):
            self.define(name, value)
        yield
        self._values, self._uses, self.leave = kept
