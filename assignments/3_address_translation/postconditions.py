"""What each operation of stage 3 must give, seen from outside: one predicate an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from stage3.cache_postconditions import gather, write
from stage3.layouts import NAMES, Layout, lay_out
from stage3.operations import ints, layout_of
from stage3.state import is_ints, read_pair, read_tensor, said
from stage3.step import PAD, Step

from autograder.program.model import Violation
from autograder.protocol.plain import Json

INT32_END = 1 << 31


def _locate(step: Step) -> Iterator[Violation]:
    yield from _ints("I1", step.result, divmod(step.int("position"), step.int("block_size")))


def _translate(step: Step) -> Iterator[Violation]:
    block, offset = divmod(step.int("position"), step.int("block_size"))
    slot = ints(step.op.args, "table")[block] * step.int("block_size") + offset
    yield from _int("I2", "slot", step.result, slot)


def _split(step: Step) -> Iterator[Violation]:
    yield from _ints("I6", step.result, divmod(step.int("slot"), step.int("block_size")))


def _owner(step: Step) -> Iterator[Violation]:
    tables: list[list[int]] = step.op.args["tables"]  # type: ignore[assignment]
    block_size = step.int("block_size")
    owners = [
        [request, position]
        for request, (table, count) in enumerate(
            zip(tables, ints(step.op.args, "tokens"), strict=True)
        )
        for position in range(count)
        if table[position // block_size] * block_size + position % block_size == step.int("slot")
    ]
    if not owners and step.result is not None:
        yield Violation("I7", "None: nobody holds the slot", said(step.result))
    elif owners and step.result not in owners:
        choice = " or ".join(f"({request}, {position})" for request, position in owners)
        yield Violation("I7", choice, said(step.result))


def _batch(step: Step) -> Iterator[Violation]:
    args = step.op.args
    lengths, positions = ints(args, "lengths"), ints(args, "positions")
    table: list[list[int]] = args["table"]  # type: ignore[assignment]
    rows = [row for row, length in enumerate(lengths) for _ in range(length)]
    got = read_tensor(step.result, "int64", [len(positions)])
    for token, (position, slot) in enumerate(zip(positions, got, strict=True)):
        if token >= len(rows):
            if slot != PAD:
                yield Violation("I4", f"token {token} is padding: slot -1", f"slot {slot}")
            continue
        block, offset = divmod(position, step.int("block_size"))
        right = table[rows[token]][block * step.int("step")] * step.int("block_size") + offset
        if slot != right:
            which = f"token {token} (request {rows[token]}, position {position})"
            yield Violation(
                "I5" if right >= INT32_END else "I3", f"{which}: slot {right}", f"{slot}"
            )


def _split_all(step: Step) -> Iterator[Violation]:
    slots = ints(step.op.args, "slots")
    blocks, offsets = read_pair(step.result, "int64", [len(slots)])
    for slot, got in zip(slots, zip(blocks, offsets, strict=True), strict=True):
        right = (PAD, PAD) if slot == PAD else divmod(slot, step.int("block_size"))
        if got != right:
            yield Violation("I4" if slot == PAD else "I6", f"slot {slot}: {right}", f"{got}")


def _contiguous(step: Step) -> Iterator[Violation]:
    shape, order = ints(step.op.args, "shape"), step.op.args["order"]
    assert isinstance(order, list)
    right = lay_out(shape, [NAMES.index(name) for name in order])
    match step.result:
        case [seen_shape, list() as seen] if seen_shape == shape and is_ints(seen, len(shape)):
            if not same_strides(seen, right):
                yield Violation("I9", f"strides {list(right.strides)}", f"strides {seen}")
        case _:
            yield Violation("I9", f"shape {shape}, six strides, all int", said(step.result))


def _element(step: Step) -> Iterator[Violation]:
    layer, kv, slot, head, dim = ints(step.op.args, "index")
    right = layout_of(step.op.args).of_slot(layer, kv, slot, head, dim)
    yield from _int("I8", "offset", step.result, right)


def _elements(step: Step) -> Iterator[Violation]:
    layout, slots = layout_of(step.op.args), ints(step.op.args, "slots")
    got = read_tensor(step.result, "int64", [len(slots)])
    for slot, found in zip(slots, got, strict=True):
        right = PAD if slot == PAD else layout.of_slot(step.int("layer"), step.int("kv"), slot)
        if found != right:
            broken = "I4" if slot == PAD else "I5" if right >= INT32_END else "I8"
            yield Violation(broken, f"slot {slot}: offset {right}", f"{found}")


def _find_element(step: Step) -> Iterator[Violation]:
    layout, offset, found = layout_of(step.op.args), step.int("offset"), step.result
    if not is_ints(found, 5):
        yield Violation("", "a tuple of 5 int", said(found))
    elif not layout.holds(found, offset):
        yield Violation("I6", f"the element that lies at {offset}", f"{tuple(found)}")


def _view(step: Step) -> Iterator[Violation]:
    layout, seen = layout_of(step.op.args), step.result
    if not isinstance(seen, dict) or "strides" not in seen:
        yield Violation("I8", "a tensor", said(seen))
        return
    if seen["shape"] != list(layout.shape) or seen["first"] != 0:
        yield Violation(
            "I8", f"shape {layout.shape} from 0", f"{seen['shape']} from {seen['first']}"
        )
        return
    strides = seen["strides"]
    if not is_ints(strides, len(layout.strides)) or not same_strides(strides, layout):
        yield Violation("I8", f"strides {layout.strides}", f"strides {said(strides)}")
    if seen["shared"] is not True:
        yield Violation("I8", "the memory itself", "a copy")


def same_strides(strides: list[int], layout: Layout) -> bool:
    """True if every element lies in one place by both: strides of axes of size 1 lead nowhere."""
    axes = zip(strides, layout.strides, layout.shape, strict=True)
    return all(one == other for one, other, size in axes if size > 1)


def _int(invariant: str, what: str, seen: Json, right: int) -> Iterator[Violation]:
    if type(seen) is not int:
        yield Violation("", f"{what} {right}, an int", said(seen))
    elif seen != right:
        yield Violation(invariant, f"{what} {right}", f"{what} {seen}")


def _ints(invariant: str, seen: Json, right: tuple[int, ...]) -> Iterator[Violation]:
    if not is_ints(seen, len(right)):
        yield Violation("", f"a tuple of {len(right)} int: {right}", said(seen))
    elif tuple(seen) != right:
        yield Violation(invariant, f"{right}", f"{tuple(seen)}")


def _anything(step: Step) -> Iterator[Violation]:
    yield from ()


POSTCONDITIONS: Mapping[str, Callable[[Step], Iterator[Violation]]] = {
    "locate": _locate,
    "translate": _translate,
    "split": _split,
    "owner": _owner,
    "batch": _batch,
    "split_all": _split_all,
    "contiguous": _contiguous,
    "element": _element,
    "elements": _elements,
    "find_element": _find_element,
    "view": _view,
    "write": write,
    "write_ones": _anything,
    "gather": gather,
    "clock": _anything,
}
"""By operation: what is wrong with its result, the worst first."""
