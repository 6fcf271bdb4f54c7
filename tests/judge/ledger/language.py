"""A stage of four operations, for tests of the judge: a ledger of amounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autograder.program.model import Op
from autograder.protocol.plain import Json

IMPORTS = ("from pagedlab.ledger import Ledger",)
METHODS = {"new": "Ledger.__init__", "put": "Ledger.put", "drop": "Ledger.drop"}


def new() -> Op:
    """Make a ledger."""
    return Op("new")


def put(name: str, amount: int) -> Op:
    """Write an amount down, and call the list with it `name`."""
    return Op("put", {"amount": amount}, binds=name)


def drop(item: str) -> Op:
    """Cross an amount out."""
    return Op("drop", {"item": item})


def total() -> Op:
    """Ask for the sum."""
    return Op("total")


def to_python(op: Op) -> str:
    """The operation as a statement."""
    match op.name:
        case "new":
            return "ledger = Ledger()"
        case "put":
            return f"{op.binds} = ledger.put({op.args['amount']})"
        case "drop":
            return f"ledger.drop({op.args['item']})"
    return "ledger.total()"


def simpler(op: Op) -> Iterator[Op]:
    """Smaller amounts."""
    if op.name == "put":
        amount = int(str(op.args["amount"]))
        for smaller in sorted({0, 1, amount // 2, amount - 1}):
            if 0 <= smaller < amount:
                yield put(op.binds, smaller)


def show_state(state: Mapping[str, Json]) -> list[str]:
    """Names and values."""
    return [f"{name} {value}" for name, value in state.items()]


def references(op: Op) -> Iterator[str]:
    """Results of earlier operations."""
    if op.name == "drop":
        yield str(op.args["item"])
