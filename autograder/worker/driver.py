"""What a stage's `driver.py` provides: it runs operations on the student's modules.

A driver runs in the worker, beside the student's code. What it reports is a claim.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import ModuleType
from typing import Protocol

from autograder.protocol.plain import Json


class Undefined(Exception):
    """An operation refers to a name that never came to be; it is skipped, not failed."""


class Driver(Protocol):
    """Runs one program. A new one is made for every program.

    Attributes:
        ERRORS: names of the errors that the contract knows; others are reported as they are.
    """

    ERRORS: tuple[str, ...]

    def __init__(self, modules: Mapping[str, ModuleType]) -> None: ...

    def apply(self, name: str, args: Mapping[str, Json], binds: str) -> Json:
        """Run one operation and give its result as plain data.

        Raises:
            Undefined: a name in `args` is not bound.
            BaseException: whatever the student's code raises.
        """
        ...

    def observe(self) -> Mapping[str, Json]:
        """Read all that the contract lets one see, changing nothing."""
        ...


class Meter(Protocol):
    """Runs one performance workload in steps that the judge asks for and times."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None: ...

    def prepare(self, size: int) -> Json:
        """Build the state at one size; give what the judge needs to verify it."""
        ...

    def work(self, case: str, size: int, most_steps: int) -> Json:
        """Do one slice of the case's work; give `outputs` and `steps`.

        Args:
            case: which slice.
            size: of the prepared state.
            most_steps: count steps and stop there, with no outputs; 0 to run uncounted.
        """
        ...


class TalkingMeter(Meter, Protocol):
    """A meter for work that the judge reveals bit by bit, such as requests that arrive."""

    def converse(self, message: Json) -> Json:
        """Take in what the judge reveals, work on it, and give what was done."""
        ...


MAX_TEXT, MAX_ITEMS, MAX_BITS, MAX_NESTING = 1000, 10_000, 128, 4
"""Beyond these a value is not what any contract asks for; its type and size are told instead."""


def plain(value: object, nesting: int = MAX_NESTING) -> Json:
    """Turn a returned value into plain data by exact type; anything else becomes its type's name.

    A subclass of int or str is not an int or str here: it could compare equal to everything.
    """
    kind = type(value)
    if value is None or kind is bool:
        return value  # type: ignore[return-value]
    if kind is float and math.isfinite(value):  # type: ignore[arg-type]
        return value  # type: ignore[return-value]
    if kind is int and value.bit_length() <= MAX_BITS:  # type: ignore[attr-defined]
        return value  # type: ignore[return-value]
    if kind is str and len(value) <= MAX_TEXT and _is_whole(value):  # type: ignore[arg-type]
        return value  # type: ignore[return-value]
    if kind in (list, tuple) and nesting and len(value) <= MAX_ITEMS:  # type: ignore[arg-type]
        return [plain(item, nesting - 1) for item in value]  # type: ignore[attr-defined]
    if kind in (int, float, str, list, tuple):
        return {"type": f"{kind.__name__} out of bounds"}
    return {"type": str(kind.__name__)[:80]}


def _is_whole(text: str) -> bool:
    """False if there is half a character in it, which nobody could write down."""
    return text.encode("utf-8", "ignore").decode() == text
