"""What a submission returns becomes plain data by exact type, and never more than is asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from autograder.protocol.plain import Json, decode, encode
from autograder.worker.driver import plain


class EqualToAll(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class OwnStr(str):
    pass


class OwnList(list[int]):
    def __iter__(self) -> Iterator[int]:
        raise SystemExit


def crossed(value: object) -> Json:
    """The value as it arrives at the judge."""
    return decode(encode(plain(value)))


@pytest.mark.parametrize(
    "value", [None, True, False, 0, -7, (1 << 127), 0.5, "text", [], [1, [2, None]]]
)
def test_plain_values_stay_as_they_are(value: Json) -> None:
    arrived = crossed(value)
    assert arrived == value
    assert type(arrived) is type(value)


def test_a_tuple_arrives_as_a_list() -> None:
    assert crossed((1, (2, 3))) == [1, [2, 3]]


@pytest.mark.parametrize(
    ("value", "name"),
    [(EqualToAll(3), "EqualToAll"), (OwnStr("a"), "OwnStr"), (OwnList([1]), "OwnList")],
)
def test_a_subclass_is_not_what_it_derives_from(value: object, name: str) -> None:
    assert crossed(value) == {"type": name}
    assert crossed([value]) == [{"type": name}]


@pytest.mark.parametrize("value", [{}, {1}, b"bytes", object, range(3), iter([])])
def test_anything_else_becomes_the_name_of_its_type(value: object) -> None:
    assert crossed(value) == {"type": type(value).__name__}


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, 10**400, -(10**400), 10**5000, "x" * 10_000_000],
    ids=["nan", "inf", "-inf", "int", "negative", "longer than text can be", "text"],
)
def test_what_is_out_of_bounds_can_still_cross(value: object) -> None:
    assert crossed(value) == {"type": f"{type(value).__name__} out of bounds"}


def test_a_list_out_of_bounds_is_not_copied() -> None:
    assert crossed([0] * 1_000_000) == {"type": "list out of bounds"}


def test_nesting_is_bounded() -> None:
    nest: list[object] = []
    for _ in range(100_000):
        nest = [nest]
    assert "out of bounds" in repr(crossed(nest))
    cyclic: list[object] = []
    cyclic.append(cyclic)
    assert "out of bounds" in repr(crossed(cyclic))


def test_half_a_character_can_still_cross() -> None:
    assert crossed(["\ud800", "\U0001f600"]) == [{"type": "str out of bounds"}, "\U0001f600"]
