"""What the decoder takes for a message, and all that it does not."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.protocol.plain import MAX_DEPTH, MAX_DIGITS, ProtocolError, decode, encode


def refused(data: bytes) -> bool:
    try:
        decode(data)
    except ProtocolError:
        return True
    return False


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "[1, NaN]", '{"a": Infinity}', "1e999", "[-1e400]"]
)
def test_every_number_is_finite(text: str) -> None:
    assert refused(text.encode())


def test_the_largest_float_is_still_a_number() -> None:
    assert decode(b"1.7976931348623157e308") == sys.float_info.max


def test_integers_have_at_most_so_many_digits() -> None:
    assert decode(b"9" * MAX_DIGITS) == int("9" * MAX_DIGITS)
    assert decode(b"-" + b"9" * (MAX_DIGITS - 1)) == -int("9" * (MAX_DIGITS - 1))
    assert refused(b"9" * (MAX_DIGITS + 1))
    assert refused(b"[" + b"9" * 100_000 + b"]")


def test_every_integer_fits_into_a_float_and_into_text() -> None:
    largest = decode(b"9" * MAX_DIGITS)
    assert isinstance(largest, int)
    assert abs(largest - 0.5) > 1 and str(largest)


@pytest.mark.parametrize(
    "data",
    [b"\xff", b'"\xc3"', b'"\xed\xa0\x80"', '"é"'.encode("utf-16"), b'"\xe9"'],
    ids=["no start", "half", "surrogate", "utf-16", "latin-1"],
)
def test_bytes_that_are_not_utf8_are_refused(data: bytes) -> None:
    assert refused(data)


@pytest.mark.parametrize("text", [r'"\ud800"', r'{"\udfff": 1}', r'["a", "\ud800x"]'])
def test_every_text_can_be_written_as_utf8(text: str) -> None:
    assert refused(text.encode())


def test_escapes_of_whole_characters_are_read() -> None:
    assert decode(rb'"\ud83d\ude00 \u00e9 \\ud800"') == "\U0001f600 é \\ud800"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_has_a_cap(opening: str, closing: str) -> None:
    def nested(depth: int) -> bytes:
        return (opening * depth + "1" + closing * depth).encode()

    decode(nested(MAX_DEPTH))
    assert refused(nested(MAX_DEPTH + 1))
    assert refused(nested(200_000))
    assert refused((opening * 1_000_000).encode())


def test_brackets_inside_strings_do_not_nest() -> None:
    text = "[{" * 100 + '"\\' + "]" * 7
    assert decode(encode([text, {text: text}])) == [text, {text: text}]


@pytest.mark.parametrize(
    "text", ["", " ", "[", "]", "[}", "{]", "[1,]", "{1: 2}", "'a'", "[1] 2", '"a', '"\\"', "nul"]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    assert refused(text.encode())


@pytest.mark.parametrize("part", [b'\\"', b"\\\\", b'"', b'"a"', b"[", b"{}"])
def test_any_bytes_are_looked_through_in_time_that_grows_with_them_alone(part: bytes) -> None:
    assert refused(b'"' + part * 1_000_000)  # hours, if each quote were to search for its end


def test_a_key_that_stands_twice_counts_once() -> None:
    assert decode(b'{"ok": true, "id": 1, "ok": false}') == {"ok": False, "id": 1}


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.text('[]{}"\\,:1 aeu-.', max_size=30))
def test_no_text_gets_anything_but_a_value_or_a_refusal(text: str) -> None:
    if not refused(text.encode()):
        assert decode(text.encode()) == json.loads(text)
