"""JSON values as a type, and a decoder that trusts nothing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"

MAX_DEPTH = 32
"""Nesting beyond which a message is refused. Observations need 5."""
MAX_DIGITS = 40
"""Digits of an integer: enough for 128 bits, and every one of them fits into a float."""

STRING = re.compile(rb'"[^"]*"?')
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class ProtocolError(Exception):
    """A message that is not what the protocol allows. Says what was wrong with it."""


def encode(value: Json) -> bytes:
    """Compact UTF-8 JSON.

    Raises:
        ValueError: a number is NaN or infinite.
        TypeError: something in `value` is not plain data.
    """
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def decode(data: bytes) -> Json:
    """Parse JSON strictly: UTF-8 throughout, finite numbers of bounded size, bounded depth.

    Raises:
        ProtocolError: `data` is anything else.
    """
    if not _shallow(data):
        raise ProtocolError(f"not JSON, or nested deeper than {MAX_DEPTH} levels")
    try:
        value: Json = json.loads(
            data.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
        if b"\\u" in data:
            json.dumps(value, ensure_ascii=False).encode()  # an escape may be half a character
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not plain JSON: {type(error).__name__}") from None
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:MAX_DIGITS]} is too large")
    return value


def _bounded(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"an integer of {len(text)} digits")
    return int(text)


def _shallow(data: bytes) -> bool:
    """True if the brackets outside strings pair up in at most MAX_DEPTH levels.

    Each pass takes away the innermost level. Runs at C speed and in linear time, on any bytes.
    """
    unescaped = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = STRING.sub(b"", unescaped).translate(None, delete=NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return not brackets
