"""The operations of a pool of slots, as PagedLab's judge reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stage1.checks import Call

from autograder.program.model import Op, Program
from autograder.protocol.plain import Json

IMPORTS = ("from pagedlab.slots import Slots",)
METHODS = {"new": "Slots.__init__", "take": "Slots.take", "give": "Slots.give"}


def program_of(calls: list[Call]) -> Program:
    """A program of `checks.py` as the judge's own."""
    return tuple(map(_op_of, calls))


def call_of(op: Op) -> Call:
    """The inverse, for one operation."""
    binds = (op.binds,) if op.binds else ()
    values = op.args["values"]
    assert isinstance(values, list)
    return (op.name, *binds, *values)


def _op_of(call: Call) -> Op:
    name, *rest = call
    binds = rest.pop(0) if name == "take" else ""
    return Op(name, {"values": rest}, binds=binds)


def to_python(op: Op) -> str:
    """The operation as a statement."""
    values = ", ".join(map(str, op.args["values"]))  # type: ignore[arg-type]
    match op.name:
        case "new":
            return f"pool = Slots({values})"
        case "take":
            return f"{op.binds} = pool.take({values})"
        case "give":
            return f"pool.give([{values}])"
    return "pool.free()"


def simpler(op: Op) -> Iterator[Op]:
    """Fewer slots."""
    values = op.args["values"]
    assert isinstance(values, list)
    if op.name == "give":
        for index in range(len(values)):
            yield Op("give", {"values": values[:index] + values[index + 1 :]})
    elif values and isinstance(values[0], int) and values[0]:
        yield Op(op.name, {"values": [values[0] - 1]}, binds=op.binds)


def show_state(state: Mapping[str, Json]) -> list[str]:
    """Names and values."""
    return [f"{name} {value}" for name, value in state.items()]


def references(op: Op) -> Iterator[str]:
    """Results of earlier operations."""
    values = op.args["values"]
    assert isinstance(values, list)
    yield from (str(value) for value in values if op.name == "give")
