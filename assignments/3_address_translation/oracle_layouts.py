"""The oracle's part on layouts: it walks through the elements. Hidden."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from stage3.oracle_slots import are_ints, differences

from autograder.program.model import Violation

AXES = ["layer", "kv", "block", "offset", "head", "dim"]
FEW = 100_000
"""Elements that are walked through one by one."""


class LayoutOracle:
    """For each operation, which errors are due, and what is wrong with a result."""

    def _contiguous_raises(self, shape: list[int], order: list[str]) -> set[str]:
        return set() if sorted(order) == sorted(AXES) and 0 not in shape else {"ValueError"}

    def _contiguous(
        self, got: Any, _: Any, shape: list[int], order: list[str]
    ) -> Iterator[Violation]:
        seen_shape, strides = got
        axes = [AXES.index(name) for name in order]
        ordered = product(*(range(shape[axis]) for axis in axes))
        for place, index in enumerate(ordered):
            found = sum(at * strides[axis] for at, axis in zip(index, axes, strict=True))
            if found != place or seen_shape != shape or not are_ints(strides):
                yield Violation("I9", f"element {index} of {order} lies at {place}", f"{got}")
                return

    def _element_raises(self, shape: list[int], index: list[int], **_: Any) -> set[str]:
        layer, kv, slot, head, dim = index
        limits = [(layer, shape[0]), (kv, shape[1]), (head, shape[4]), (dim, shape[5])]
        errors = {"ValueError" for at, size in limits if at not in range(size)}
        return errors | (set() if slot in range(shape[2] * shape[3]) else {"UnknownSlot"})

    def _element(
        self, got: Any, _: Any, shape: list[int], strides: list[int], index: list[int]
    ) -> Iterator[Violation]:
        place = place_of(shape, strides, index)
        if not are_ints([got]) or got != place:
            yield Violation("I8", f"offset {place}", f"{got}")

    def _elements_raises(self, shape: list[int], layer: int, kv: int, **_: Any) -> set[str]:
        inside = layer in range(shape[0]) and kv in range(shape[1])
        return set() if inside else {"ValueError"}

    def _elements(
        self, got: Any, _: Any, shape: list[int], strides: list[int], slots: list[int], **rest: Any
    ) -> Iterator[Violation]:
        first = [rest["layer"], rest["kv"]]
        wanted = [-1 if s < 0 else place_of(shape, strides, [*first, s, 0, 0]) for s in slots]
        yield from differences("I8", got, "int64", [len(slots)], wanted)

    def _find_element_raises(self, shape: list[int], strides: list[int], offset: int) -> set[str]:
        places = walk(shape, strides) if _few(shape) else {(): offset}
        return set() if offset in places.values() else {"ValueError"}

    def _find_element(
        self, got: Any, _: Any, shape: list[int], strides: list[int], offset: int
    ) -> Iterator[Violation]:
        wrong = not are_ints(got) or self._element_raises(shape, got)
        if wrong or place_of(shape, strides, got) != offset:
            yield Violation("I6", f"the element at offset {offset}", f"{got}")

    def _view_raises(self, shape: list[int], strides: list[int], size: int) -> set[str]:
        return {"ValueError"} if max(walk(shape, strides).values()) >= size else set()

    def _view(
        self, got: Any, _: Any, shape: list[int], strides: list[int], size: int
    ) -> Iterator[Violation]:
        seen = walk(got["shape"], got["strides"]), got["first"], got["shared"]
        if seen != (walk(shape, strides), 0, True):
            yield Violation("I8", f"{shape} with strides {strides} of this memory", f"{got}")


def place_of(shape: list[int], strides: list[int], index: list[int]) -> int:
    """Where an element of a token lies, in elements."""
    layer, kv, slot, head, dim = index
    block = slot // shape[3]
    whole = (layer, kv, block, slot - block * shape[3], head, dim)
    return sum(at * stride for at, stride in zip(whole, strides, strict=True))


def _few(shape: list[int]) -> bool:
    count = 1
    for size in shape:
        count *= size
    return count <= FEW


def walk(shape: list[int], strides: list[int]) -> dict[tuple[int, ...], int]:
    """The place of every element, by its six indices."""
    return {
        index: sum(at * stride for at, stride in zip(index, strides, strict=True))
        for index in product(*map(range, shape))
    }
