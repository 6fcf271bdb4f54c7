"""The handout's contract as predicates over what one operation gave and changed.

Says which errors are due, and that nothing changes which should not; postconditions.py says what
each operation must give. Students get both, and their failures are explained in its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from stage3.layouts import (
    BLOCK,
    HEAD,
    KV,
    LAYER,
    NAMES,
    OFFSET,
    Layout,
    element_name,
    elements_by_offset,
)
from stage3.operations import first_numbers, ints, layout_of
from stage3.postconditions import POSTCONDITIONS
from stage3.state import Change, Number, read_change
from stage3.step import PAD, Step
from stage3.wording import number

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten, Observation, Op, Violation


class Contract:
    """Checks the observations of one program, in order. Follows what the memory really holds."""

    def __init__(self) -> None:
        self._layout = Layout((0,) * 6, (0,) * 6)
        self._start = 0
        self._dtype = ""
        self._memory: dict[int, Number] = {}

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every sentence of the contract that this operation breaks."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        try:
            yield from self._judge(op, seen)
        except Malformed as malformed:
            yield malformed.violation

    def _judge(self, op: Op, seen: Observation) -> Iterator[Violation]:
        change = read_change(seen.state)
        if op.name == "cache":
            self._layout, self._start = layout_of(op.args), int(str(op.args["start"]))
            self._dtype = str(op.args["dtype"])
            self._memory = dict(enumerate(first_numbers(int(str(op.args["size"])))))
            return
        errors = due(op, self._layout, self._dtype)
        yield from wrong_error(errors, seen)
        for name in change.arguments:
            yield Violation("I14", "the arguments stay as they are", f"{name} is changed")
        if errors or op.name != "write":
            invariant = "I14" if errors else "I12"
            yield from self._unchanged(invariant, change)
        if not errors and not seen.error:
            here = self._layout, self._start, self._dtype
            yield from POSTCONDITIONS[op.name](Step(op, seen.result, change, *here, self._memory))
        self._memory.update(change.memory)

    def _unchanged(self, invariant: str, change: Change) -> Iterator[Violation]:
        for at, value in change.memory.items():
            name = element_name(self._layout, at - self._start)
            yield Violation(invariant, f"{name} stays as it is", f"it became {number(value)}")
            return


def due(op: Op, layout: Layout, dtype: str) -> tuple[str, ...]:
    """The errors of which one must be raised; none if the operation is in order.

    Args:
        op: the operation.
        layout: of the program's cache.
        dtype: of the program's cache.
    """
    args = op.args
    if "block_size" in args and int(str(args["block_size"])) < 1:
        return ("ValueError",)
    if op.name in ("locate", "translate"):
        reach = len(ints(args, "table")) * int(str(args["block_size"])) if "table" in args else None
        position = int(str(args["position"]))
        lost = position < 0 or (reach is not None and position >= reach)
        return ("UnmappedPosition",) * lost
    if op.name in ("split", "owner"):
        return ("UnknownSlot",) * (int(str(args["slot"])) < 0)
    if op.name == "batch":
        return _due_of_batch(op)
    if op.name in ("write", "write_ones", "gather"):
        return _due_of_cache(op, layout, dtype)
    return _due_of_layout(op) if op.name != "split_all" else ()


def _due_of_batch(op: Op) -> tuple[str, ...]:
    lengths, positions = ints(op.args, "lengths"), ints(op.args, "positions")
    rows: list[list[int]] = op.args["table"]  # type: ignore[assignment]
    reach = int(str(op.args["columns"])) * int(str(op.args["block_size"]))
    wrong = ("ValueError",) * (len(lengths) > len(rows))
    lost = any(not 0 <= position < reach for position in positions[: sum(lengths)])
    return (*wrong, *("UnmappedPosition",) * lost)


def _due_of_cache(op: Op, layout: Layout, dtype: str) -> tuple[str, ...]:
    args, errors = op.args, []
    slots = ints(args, "slots")
    wrong = not 0 <= int(str(args["layer"])) < layout.shape[LAYER]
    if op.name == "write_ones":
        wanted = [len(slots), *layout.shape[HEAD:]]
        given = [ints(args, "keys"), ints(args, "values")]
        wrong = wrong or args["dtype"] != dtype or given != [wanted, wanted]
    if wrong:
        errors.append("ValueError")
    if any(not PAD <= slot < layout.slots for slot in slots):
        errors.append("UnknownSlot")
    return tuple(errors)


def _due_of_layout(op: Op) -> tuple[str, ...]:
    args, shape = op.args, ints(op.args, "shape")
    if op.name == "contiguous":
        order: list[str] = args["order"]  # type: ignore[assignment]
        return ("ValueError",) * (sorted(order) != sorted(NAMES) or min(shape) < 1)
    layout = layout_of(args)
    if op.name == "view":
        return ("ValueError",) * (layout.last >= int(str(args["size"])))
    if op.name == "find_element":
        elements = elements_by_offset(layout)
        return ("ValueError",) * (bool(elements) and int(str(args["offset"])) not in elements)
    if op.name == "elements":
        index, sizes = [int(str(args["layer"])), int(str(args["kv"]))], shape[: KV + 1]
        return ("ValueError",) * (not _inside(index, sizes))
    layer, kv, slot, head, dim = ints(args, "index")
    wrong = ("ValueError",) * (not _inside([layer, kv, head, dim], shape[:2] + shape[HEAD:]))
    lost = ("UnknownSlot",) * (not 0 <= slot < prod(shape[BLOCK : OFFSET + 1]))
    return (*wrong, *lost)


def _inside(index: list[int], sizes: list[int]) -> bool:
    return all(0 <= at < size for at, size in zip(index, sizes, strict=True))


def wrong_error(allowed: tuple[str, ...], seen: Observation) -> Iterator[Violation]:
    """The violation if another error than allowed was raised, or none where one is due."""
    if allowed and seen.error not in allowed:
        expected = f"raises {' or '.join(allowed)}"
        raised = f"raises {seen.error}: {seen.message}".rstrip(": ") if seen.error else "no error"
        yield Violation("I13", expected, raised[:200])
    elif not allowed and seen.error:
        yield Violation("", "no error", f"raises {seen.error}: {seen.message}"[:200])
