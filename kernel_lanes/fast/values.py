"""Values during translation: how C reads one lane of them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from kernel_lanes.fast.ir import Type, Unsupported

Indices = tuple[str, ...]
"""One C expression for each dimension."""

C_TYPES = {
    "i1": "uint8_t", "i8": "int8_t", "i16": "int16_t", "i32": "int32_t", "i64": "int64_t",
    "index": "int64_t", "f16": "float", "bf16": "float", "f32": "float", "f64": "double",
    "ptr": "uint64_t",
}  # fmt: skip
"""What holds an element between operations; half precision is held in floats."""


@dataclass(frozen=True)
class Value:
    """A value of the kernel.

    Attributes:
        type: its type.
        lane: the C expression of the element at some indices; () for a scalar.
        free: whether that may be written down any number of times: a variable or a constant,
            not work to be done.
        array: name of the C array that holds exactly this, in row-major order; "" if none does.
    """

    type: Type
    lane: Callable[[Indices], str]
    free: bool
    array: str = ""


def flat(shape: tuple[int, ...], indices: Indices) -> str:
    """The row-major index of an element."""
    text = "0"
    for size, index in zip(shape, indices, strict=True):
        if index == "0" or size == 1:
            text = text if text == "0" else f"({text}*{size})"
        elif text == "0":
            text = index
        else:
            text = f"({text}*{size}+{index})"
    return text


def variable(kind: Type, name: str) -> Value:
    """A C variable, or an array of them."""
    if kind.shape is None:
        return Value(kind, lambda _: name, free=True)
    shape = kind.shape
    return Value(kind, lambda at: f"{name}[{flat(shape, at)}]", free=True, array=name)


def constant(kind: Type, text: str, place: str) -> Value:
    """A constant, the same in all lanes, as TTIR writes it.

    Raises:
        Unsupported: it is not the same in all lanes.
    """
    if text.startswith("dense<"):
        text = text[len("dense<") : -1]
    if text.startswith("["):
        raise Unsupported("a constant that differs by lane", place)
    literal = _literal(kind.element, text)
    return Value(kind, lambda _: literal, free=True)


def of_element(element: str, expression: str) -> str:
    """An expression brought into the range and precision of an element type."""
    if element in ("f16", "bf16"):
        return f"round_{element}({expression})"
    return f"(({C_TYPES[element]})({expression}))"


def _literal(element: str, text: str) -> str:
    if text in ("true", "false"):
        return "1" if text == "true" else "0"
    if element in ("f16", "bf16", "f32", "f64"):
        number = _number_of_bits(element, text) if text.startswith("0x") else float(text)
        return _float_literal(number, element)
    number = int(text)
    if element == "i64" or element == "index":
        return "INT64_MIN" if number == -(1 << 63) else f"INT64_C({number})"
    return f"((int32_t){number}LL)" if number == -(1 << 31) else f"({number})"


def _number_of_bits(element: str, text: str) -> float:
    bits = int(text, 16)
    if element == "bf16":
        element, bits = "f32", bits << 16
    code, size = {"f16": ("<e", 2), "f32": ("<f", 4), "f64": ("<d", 8)}[element]
    number: float = struct.unpack(code, bits.to_bytes(size, "little"))[0]
    return number


def _float_literal(number: float, element: str) -> str:
    if number != number:
        return "NAN"
    if number in (float("inf"), float("-inf")):
        return "INFINITY" if number > 0 else "(-INFINITY)"
    suffix = "" if element == "f64" else "f"
    return f"({number.hex()}{suffix})"
