"""Types in TTIR's text."""

from __future__ import annotations

import re

from kernel_lanes.fast.ir import FLOATS, INTEGERS, Type, Unsupported

_TENSOR = re.compile(r"tensor<((?:\d+x)*)(.+)>")
_POINTER = re.compile(r"!tt\.ptr<(\w+)(?:, \d+)?>")


def parse_type(text: str) -> Type:
    """One type.

    Raises:
        Unsupported: it is none of those that are translated.
    """
    text, shape = text.strip(), None
    if match := _TENSOR.fullmatch(text):
        shape = tuple(int(size) for size in match[1].split("x")[:-1])
        text = match[2]
    if match := _POINTER.fullmatch(text):
        _known(match[1])
        return Type("ptr", shape, match[1])
    _known(text)
    return Type(text, shape)


def parse_types(text: str) -> tuple[Type, ...]:
    """Types between commas, with or without parentheses around them."""
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    return tuple(map(parse_type, split(text)))


def split(text: str) -> list[str]:
    """Parts between commas that stand in no brackets."""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "<([{") - (sign in ">)]}" and text[at - 1 : at + 1] != "->")
        if sign == "," and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [part.strip() for part in (*parts, text[start:]) if part.strip()]


def _known(element: str) -> None:
    if element not in (*FLOATS, *INTEGERS):
        raise Unsupported(f"the type {element}")
