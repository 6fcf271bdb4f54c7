"""Triton's intermediate representation (TTIR), as far as the compiler to C needs it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

FLOATS = ("f16", "bf16", "f32", "f64")
INTEGERS = ("i1", "i8", "i16", "i32", "i64", "index")
SIZES = {
    "i1": 1, "i8": 1, "i16": 2, "i32": 4, "i64": 8, "index": 8, "f16": 2, "bf16": 2, "f32": 4,
    "f64": 8, "ptr": 8,
}  # fmt: skip
"""Bytes of an element in memory."""


class Unsupported(Exception):
    """Something that this compiler does not translate; the interpreter is there for it.

    Attributes:
        what: the operation or type.
        place: file:line in the kernel's source, or "".
    """

    def __init__(self, what: str, place: str = "") -> None:
        """Say what and where."""
        super().__init__(f"{place or 'kernel'}: the C lane does not translate {what}")
        self.what, self.place = what, place


@dataclass(frozen=True)
class Type:
    """A scalar, or a tensor of a fixed shape.

    Attributes:
        element: f32, i64, …, or `ptr`.
        shape: of a tensor; None for a scalar.
        pointee: what a `ptr` points to.
    """

    element: str
    shape: tuple[int, ...] | None = None
    pointee: str = ""

    @property
    def lanes(self) -> int:
        """How many elements it has."""
        return math.prod(self.shape or ())

    @property
    def dimensions(self) -> tuple[int, ...]:
        """The shape of a tensor, () for a scalar."""
        return self.shape or ()

    def with_element(self, element: str) -> Type:
        """The same shape of other elements."""
        return Type(element, self.shape)

    def pointed(self) -> Type:
        """The same shape of what it points to."""
        return Type(self.pointee, self.shape)


@dataclass(frozen=True)
class Op:
    """One operation.

    Attributes:
        name: with its dialect, such as arith.addi.
        results: names of the values that it gives.
        operands: names of the values that it takes, in the order of the text.
        text: everything between the name and the types: predicates, attributes, operands.
        types: as written behind the last colon, operands before results where both are.
        result_types: one for each result.
        regions: nested ones.
        successors: labels of blocks with the operands they are given.
        place: file:line of the source.
    """

    name: str
    results: tuple[str, ...]
    operands: tuple[str, ...]
    text: str
    types: tuple[Type, ...]
    result_types: tuple[Type, ...]
    regions: tuple[Region, ...] = ()
    successors: tuple[tuple[str, tuple[str, ...]], ...] = ()
    place: str = ""


@dataclass
class Block:
    """Operations in order; the last one leaves the block."""

    label: str
    parameters: tuple[tuple[str, Type], ...]
    ops: list[Op] = field(default_factory=list)

    def walk(self) -> Iterator[tuple[Block, Op]]:
        """All operations here and in nested regions, each with the block it stands in."""
        for op in self.ops:
            yield self, op
            for region in op.regions:
                for block in region.blocks:
                    yield from block.walk()


@dataclass(frozen=True)
class Region:
    """Blocks; the first is where it begins."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Function:
    """A kernel or a device function."""

    name: str
    parameters: tuple[tuple[str, Type], ...]
    body: Region


@dataclass(frozen=True)
class Module:
    """A kernel and the device functions that it calls."""

    kernel: Function
    functions: Mapping[str, Function]


def reachable(region: Region) -> tuple[Block, ...]:
    """The blocks that can be reached from the first one, in the order of the text."""
    by_label = {block.label: block for block in region.blocks}
    found, waiting = set[str](), [region.blocks[0].label]
    while waiting:
        label = waiting.pop()
        if label not in found:
            found.add(label)
            waiting += [to for op in by_label[label].ops for to, _ in op.successors]
    return tuple(block for block in region.blocks if block.label in found)
