"""A slow, obvious model of address translation and of a cache. Hidden.

Written apart from contract.py on purpose, and by other means: it walks through blocks, elements
and tokens one by one, and accepts an inverse by translating it forth again. A test holds the two
against each other on every chaff and wheat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from stage3.oracle_layouts import LayoutOracle, walk
from stage3.oracle_slots import SlotOracle, differences

from autograder.program.model import NotWritten, Observation, Op, Violation


class Oracle(SlotOracle, LayoutOracle):
    """Checks the observations of one program against the model, in order."""

    def __init__(self) -> None:
        self._memory: dict[int, object] = {}
        self._places: dict[tuple[int, ...], int] = {}
        self._sizes: list[int] = []
        self._dtype = ""

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Apply the operation to the model and give every difference."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        args: Mapping[str, Any] = op.args
        due = getattr(self, f"_{op.name}_raises", lambda **_: set())(**args)
        if seen.error != "" if not due else seen.error not in due:
            wanted = " or ".join(sorted(due)) or "no error"
            yield Violation("I13" if due else "", wanted, seen.error or "no error")
            return
        wanted_memory = dict(self._memory)
        if not due:
            result: Any = seen.result
            try:
                yield from getattr(self, f"_{op.name}")(result, wanted_memory, **args)
            except (TypeError, KeyError, ValueError, IndexError, AttributeError):
                yield Violation("", "a result of the agreed form", f"{result}"[:200])
                return
        if op.name != "cache":
            yield from self._differences(seen.state, wanted_memory)
        self._memory = wanted_memory

    def _differences(
        self, state: Mapping[str, Any], wanted: Mapping[int, object]
    ) -> Iterator[Violation]:
        if set(state) != {"changed", "altered"} or state["altered"]:
            yield Violation("I14", "arguments as they were", f"{state.get('altered')}")
            return
        now = dict(self._memory)
        now.update((at, value) for at, value in state["changed"])
        for at in sorted(now.keys() | wanted.keys()):
            if now.get(at) != wanted.get(at):
                kept = self._memory.get(at) == wanted.get(at)
                expected = f"element {at} of the memory is {wanted.get(at)}"
                yield Violation("I11" if kept else "I10", expected, f"{now.get(at)}")

    # ---- the cache -----------------------------------------------------------------------------

    def _cache(
        self, _: Any, memory: dict[int, object], shape: list[int], strides: list[int], **rest: Any
    ) -> Iterator[Violation]:
        memory.update((at, -(at % 2000) - 1) for at in range(rest["size"]))
        walked = walk(shape, strides)
        self._places = {index: rest["start"] + place for index, place in walked.items()}
        self._sizes, self._dtype = shape, rest["dtype"]
        yield from ()

    def _gather_raises(self, layer: int, slots: list[int], **_: Any) -> set[str]:
        last = self._sizes[2] * self._sizes[3] - 1
        errors = set() if layer in range(self._sizes[0]) else {"ValueError"}
        return errors | {"UnknownSlot" for slot in slots if slot < -1 or slot > last}

    _write_raises = _gather_raises

    def _write_ones_raises(self, layer: int, slots: list[int], **rest: Any) -> set[str]:
        fits = rest["keys"] == rest["values"] == [len(slots), *self._sizes[4:]]
        fits = fits and rest["dtype"] == self._dtype
        return self._gather_raises(layer, slots) | (set() if fits else {"ValueError"})

    def _write(
        self,
        _: Any,
        memory: dict[int, object],
        layer: int,
        slots: list[int],
        first: int,
        fused: bool,
    ) -> Iterator[Violation]:
        tokens, both, number = range(len(slots)), range(2), first
        outer = product(tokens, both) if fused else ((t, kv) for kv, t in product(both, tokens))
        for token, kv in outer:
            for place in self._vector(layer, kv, slots[token]):
                if place is not None:
                    memory[place] = number
                number += 1
        yield from ()

    def _write_ones(self, *_: Any, **__: Any) -> Iterator[Violation]:
        yield from ()

    _clock = _write_ones

    def _gather(self, got: Any, memory: Any, layer: int, slots: list[int]) -> Iterator[Violation]:
        *parts, shared = got
        for kv, part in zip((0, 1), parts, strict=True):
            places = [place for slot in slots for place in self._vector(layer, kv, slot)]
            wanted = [0 if place is None else memory[place] for place in places]
            shape = [len(slots), *self._sizes[4:]]
            yield from differences("I12", part, self._dtype, shape, wanted)
        if shared is not False:
            yield Violation("I12", "new tensors", "the cache's memory")

    def _vector(self, layer: int, kv: int, slot: int) -> list[int | None]:
        """Places of a token's elements; None for each of a padding token's."""
        heads, dims = range(self._sizes[4]), range(self._sizes[5])
        all_slots = list(product(range(self._sizes[2]), range(self._sizes[3])))
        where = [] if slot == -1 else [all_slots[slot]]
        return [
            self._places[(layer, kv, *where[0], head, dim)] if where else None
            for head, dim in product(heads, dims)
        ]
