"""What the judge believes to have seen of an operation's result and of what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import TypeGuard

from autograder.program.malformed import Malformed
from autograder.protocol.plain import Json

Number = int | float | str
"""An element of a tensor; a string for what is no finite number."""


@dataclass(frozen=True)
class Change:
    """What an operation changed: elements of the cache's memory by place, arguments by name."""

    memory: Mapping[int, Number]
    arguments: tuple[str, ...]


def read_change(state: Mapping[str, Json]) -> Change:
    """Check an untrusted observation of the memory.

    Raises:
        Malformed: it is not of the agreed form.
    """
    changed, altered = state.get("changed"), state.get("altered")
    if not isinstance(changed, list) or not isinstance(altered, list):
        raise Malformed("tensors that can be read", "some that cannot")
    memory: dict[int, Number] = {}
    for entry in changed:
        match entry:
            case [int(at), int() | float() | str() as value] if type(at) is int:
                memory[at] = value
            case _:
                raise Malformed("numbers in the cache", f"{entry}")
    return Change(memory, tuple(map(str, altered)))


def read_tensor(shown: Json, dtype: str, shape: list[int]) -> list[Number]:
    """The numbers of an untrusted tensor, in row-major order.

    Args:
        shown: what the driver says of it.
        dtype: that it must have, such as "int64".
        shape: that it must have.

    Raises:
        Malformed: it is no tensor, or one of another dtype or shape. No rule tolerates that.
    """
    wanted = f"a tensor of {dtype} {shape}"
    if not isinstance(shown, dict) or not isinstance(shown.get("values"), list):
        raise Malformed(wanted, said(shown))
    values: list[Number] = shown["values"]  # type: ignore[assignment]
    same = shown.get("dtype") == dtype and shown.get("shape") == shape
    if not same or len(values) != prod(shape):
        raise Malformed(wanted, said(shown))
    return values


def read_pair(shown: Json, dtype: str, shape: list[int]) -> tuple[list[Number], list[Number]]:
    """The numbers of two untrusted tensors of one dtype and shape.

    Raises:
        Malformed: it is anything else.
    """
    if not isinstance(shown, list) or len(shown) < 2:
        raise Malformed("a tuple of two tensors", said(shown))
    return read_tensor(shown[0], dtype, shape), read_tensor(shown[1], dtype, shape)


def is_ints(result: Json, count: int) -> TypeGuard[list[int]]:
    """True if an untrusted result is a tuple of so many integers."""
    if not isinstance(result, list) or len(result) != count:
        return False
    return all(type(value) is int for value in result)


def said(value: Json) -> str:
    """A value as a student would call it: what is no plain data goes by its type's name."""
    if isinstance(value, dict) and "dtype" in value:
        return f"a tensor of {value['dtype']} {value.get('shape')}"
    if isinstance(value, dict) and "type" in value:
        return "None" if value["type"] == "NoneType" else f"a {value['type']}"
    return f"{value}"[:200]
