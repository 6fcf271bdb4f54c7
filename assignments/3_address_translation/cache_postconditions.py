"""What writing and reading the cache must do: which elements get which numbers, and no other."""

from __future__ import annotations

from collections.abc import Iterator

from stage3.layouts import element_name
from stage3.operations import ints
from stage3.state import Number, read_pair, said
from stage3.step import PAD, Step
from stage3.wording import number

from autograder.program.model import Violation


def write(step: Step) -> Iterator[Violation]:
    """Every element of every token is stored, and no other element of the memory changes."""
    if step.result is not None:
        yield Violation("", "nothing is returned", said(step.result))
    args, layout, slots = step.op.args, step.layout, ints(step.op.args, "slots")
    right: dict[int, Number] = {}
    vector = list(layout.vector())
    for token, slot in enumerate(slots):
        for kv in (0, 1):
            row = 2 * token + kv if args["fused"] else kv * len(slots) + token
            for place, (head, dim) in enumerate(vector):
                if slot != PAD:
                    at = step.start + layout.of_slot(step.int("layer"), kv, slot, head, dim)
                    right[at] = step.int("first") + row * len(vector) + place
    for at, value in right.items():
        got = step.change.memory.get(at, step.memory[at])
        if got != value:
            name = element_name(layout, at - step.start)
            yield Violation("I10", f"{name}: {number(value)}", f"{number(got)}")
            break
    for at, value in step.change.memory.items():
        if at not in right:
            name = element_name(layout, at - step.start)
            yield Violation("I11", f"{name} stays as it is", f"it became {number(value)}")
            break


def gather(step: Step) -> Iterator[Violation]:
    layout, slots = step.layout, ints(step.op.args, "slots")
    shape = [len(slots), *layout.shape[4:]]
    got = read_pair(step.result, step.dtype, shape)
    vector = list(layout.vector())
    for kv in (0, 1):
        right = [
            (0 if slot == PAD else step.memory[step.start + at], slot, at)
            for slot in slots
            for head, dim in vector
            for at in [layout.of_slot(step.int("layer"), kv, max(slot, 0), head, dim)]
        ]
        for seen, (value, slot, at) in zip(got[kv], right, strict=True):
            if seen != value:
                name = "padding" if slot == PAD else element_name(layout, at)
                yield Violation("I12", f"{name}: {number(value)}", f"{number(seen)}")
                return
    if isinstance(step.result, list) and step.result[2:] != [False]:
        yield Violation("I12", "new tensors", "a view of the cache")
