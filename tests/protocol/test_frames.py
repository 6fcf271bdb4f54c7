"""Frames go through whole, and nothing that a frame announces is believed before it is checked."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.protocol import frames
from autograder.protocol.frames import (
    MAX_BUFFER_BYTES,
    MAX_BUFFERS,
    MAX_JSON,
    Frame,
    pack,
    read_exactly,
    read_frame,
    write_all,
)
from autograder.protocol.plain import Json, ProtocolError

HEAD = struct.Struct("<II")
LENGTH = struct.Struct("<Q")

plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 100), 1 << 100)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text('ab[]{}"\\'), inner, max_size=4),
    max_leaves=12,
)


def reader(data: bytes, asked: list[int] | None = None) -> Callable[[int], bytes]:
    """Read from bytes as from a pipe that is then closed; note how much was asked for."""
    position = 0

    def read(count: int) -> bytes:
        nonlocal position
        if asked is not None:
            asked.append(count)
        if position + count > len(data):
            raise EOFError
        position += count
        return data[position - count : position]

    return read


@settings(derandomize=True, deadline=None, max_examples=60)
@given(plain_values, st.lists(st.binary(max_size=40), max_size=4))
def test_what_is_packed_is_read_again(message: Json, buffers: list[bytes]) -> None:
    frame = read_frame(reader(pack(message, buffers)))
    assert frame == Frame(message, tuple(buffers))


def test_a_frame_ends_where_the_next_begins() -> None:
    read = reader(pack({"id": 1}, [b"one"]) + pack({"id": 2}))
    assert read_frame(read) == Frame({"id": 1}, (b"one",))
    assert read_frame(read) == Frame({"id": 2})


def test_frames_go_through_a_pipe() -> None:
    reading, writing = os.pipe()
    data = pack(["x" * 1000], [b"y" * 2000, b""])
    write_all(writing, data)
    assert read_frame(partial(read_exactly, reading)) == Frame(["x" * 1000], (b"y" * 2000, b""))
    os.close(writing)
    with pytest.raises(EOFError):
        read_frame(partial(read_exactly, reading))
    os.close(reading)


def test_a_truncated_frame_never_becomes_a_message() -> None:
    whole = pack({"id": 7, "ok": True}, [b"0123456789"])
    for kept in range(len(whole)):
        with pytest.raises(EOFError):
            read_frame(reader(whole[:kept]))


@pytest.mark.parametrize(
    "head",
    [
        HEAD.pack(MAX_JSON + 1, 0),
        HEAD.pack(0xFFFFFFFF, 0),
        HEAD.pack(2, MAX_BUFFERS + 1),
        HEAD.pack(2, 0xFFFFFFFF),
        HEAD.pack(2, 1) + LENGTH.pack(MAX_BUFFER_BYTES + 1),
        HEAD.pack(2, 2) + LENGTH.pack(MAX_BUFFER_BYTES) + LENGTH.pack(1),
        HEAD.pack(2, 1) + LENGTH.pack((1 << 64) - 1),
        HEAD.pack(2, 2) + LENGTH.pack((1 << 64) - 1) + LENGTH.pack(1),
    ],
    ids=["json", "all json", "buffers", "all buffers", "a byte", "two", "one huge", "no overflow"],
)
def test_nothing_over_a_cap_is_asked_for(head: bytes) -> None:
    asked: list[int] = []
    with pytest.raises(ProtocolError):
        read_frame(reader(head + b"{}" + b"x" * 64, asked))
    assert sum(asked) == len(head)


@pytest.mark.parametrize(
    ("json_bytes", "count"), [(1, 0), (5, 0), (4, 1)], ids=["short", "long", "shifted"]
)
def test_a_wrong_length_is_an_error(json_bytes: int, count: int) -> None:
    lengths = LENGTH.pack(99) * count
    with pytest.raises((EOFError, ProtocolError)):
        read_frame(reader(HEAD.pack(json_bytes, count) + lengths + b"null"))


def test_an_empty_message_is_an_error() -> None:
    with pytest.raises(ProtocolError):
        read_frame(reader(HEAD.pack(0, 0)))


def test_what_is_over_a_cap_is_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_JSON", 16)
    monkeypatch.setattr(frames, "MAX_BUFFERS", 2)
    monkeypatch.setattr(frames, "MAX_BUFFER_BYTES", 8)
    pack("x" * 14, [b"1234", b"5678"])
    for message, buffers in (("x" * 15, []), ("", [b"", b"", b""]), ("", [b"1234", b"56789"])):
        with pytest.raises(ProtocolError):
            pack(message, buffers)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), [float("nan")]])
def test_only_finite_numbers_are_packed(value: Json) -> None:
    with pytest.raises(ValueError):
        pack(value)


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object()])
def test_only_plain_data_is_packed(value: object) -> None:
    with pytest.raises(TypeError):
        pack(value)  # type: ignore[arg-type]
