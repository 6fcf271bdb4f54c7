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
"""Digits in a row: enough for integers of 128 bits, and all of them fit into a float."""

# What looks at untrusted bytes before they are parsed takes time in proportion, whatever they are.
STRING = re.compile(rb'"[^"]*"?')
LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (MAX_DIGITS + 1))
EXPONENT = re.compile(rb"[0-9][eE]")
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
    outside = STRING.sub(b"", data.replace(b"\\\\", b"").replace(b'\\"', b""))
    if not _shallow(outside):
        raise ProtocolError(f"not JSON, or nested deeper than {MAX_DEPTH} levels")
    if LONG_NUMBER.search(outside):
        raise ProtocolError(f"a number of more than {MAX_DIGITS} digits")
    try:
        value: Json = json.loads(
            data.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_float=_finite if EXPONENT.search(outside) else None,
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
        raise ValueError(f"{text} is too large")
    return value


def _shallow(outside: bytes) -> bool:
    """True if the brackets pair up in at most MAX_DEPTH levels: each pass takes one away."""
    brackets = outside.translate(None, delete=NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return not brackets
