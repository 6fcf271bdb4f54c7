"""Untrusted values of stage 6, and what makes them what they should be."""

from __future__ import annotations

import math
from collections.abc import Iterator

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten, Observation, Violation
from autograder.protocol.plain import Json

UNTRUSTED = "something else than the contract's plain types"
EXACT = 1e-9
"""Relative difference that rounding may make in a formula that is computed as it stands."""
Piece = tuple[int, int]
"""Start and number of slots of a region or hole."""


def piece(what: str, shown: Json) -> Piece:
    """A region of whole numbers.

    Raises:
        Malformed: it is none.
    """
    match shown:
        case [int(start), int(size)] if type(start) is int and type(size) is int:
            return start, size
    raise Malformed(f"{what} is a Region of whole numbers", f"{what} is {said(shown)}")


def integers(what: str, shown: Json, length: int, invariant: str) -> list[int]:
    """So many whole numbers.

    Raises:
        Malformed: they are none.
        NotWritten: what should show them is still a stub.
    """
    refuse_error(what, shown, "")
    if not isinstance(shown, list) or len(shown) != length:
        raise Malformed(f"{what} has its {length} numbers", f"{what} is {said(shown)}", invariant)
    return [integer(what, one, invariant) for one in shown]


def integer(what: str, shown: Json, invariant: str) -> int:
    """A whole number.

    Raises:
        Malformed: it is none.
    """
    refuse_error(what, shown, invariant)
    if type(shown) is not int:
        raise Malformed(f"{what} is an int", f"{what} is {said(shown)}", invariant)
    return shown


def number(what: str, shown: Json, invariant: str) -> float:
    """A number.

    Raises:
        Malformed: it is none.
    """
    refuse_error(what, shown, invariant)
    if type(shown) not in (int, float):
        raise Malformed(f"{what} is a number", f"{what} is {said(shown)}", invariant)
    return float(shown)  # type: ignore[arg-type]


def refuse_error(what: str, shown: Json, invariant: str) -> None:
    """Raise what an error in the place of a value means."""
    if isinstance(shown, dict) and "error" in shown:
        if shown["error"] == "NotImplementedError" and not invariant:
            raise NotWritten
        written = "is not written yet" if shown["error"] == "NotImplementedError" else ""
        raise Malformed(
            f"{what} gives a value", written or f"{what} raised {shown['error']}", invariant
        )


def value_error(wrong: bool) -> tuple[str, ...]:
    """The errors that are due if an argument is wrong, and those that are due if not: none."""
    return ("ValueError",) if wrong else ()


def wrong_error(due: tuple[str, ...], seen: Observation) -> Iterator[Violation]:
    """The violation if another error than due was raised, or none where one is due."""
    if due and seen.error not in due:
        raised = f"raises {seen.error}: {seen.message}".rstrip(": ") if seen.error else "no error"
        yield Violation("I9", f"raises {' or '.join(due)}", raised)
    elif not due and seen.error:
        yield Violation("", "no error", f"raises {seen.error}: {seen.message}"[:200])


def said(value: Json) -> str:
    """A value as a student would call it: what is no plain data goes by its type's name."""
    if isinstance(value, dict) and "type" in value:
        return "None" if value["type"] == "NoneType" else f"a {value['type']}"
    return f"{value:.6g}" if isinstance(value, float) else f"{value}"


def same(wanted: Json, seen: Json, tolerance: float = EXACT) -> bool:
    """True if untrusted data is what is wanted: whole numbers exactly, others to a tolerance."""
    if isinstance(wanted, list):
        alike = isinstance(seen, list) and len(seen) == len(wanted)
        return alike and all(map(lambda a, b: same(a, b, tolerance), wanted, seen))
    if isinstance(wanted, float):
        right = type(seen) in (int, float)
        return right and math.isclose(seen, wanted, rel_tol=tolerance, abs_tol=tolerance * 1e-3)
    return type(seen) is type(wanted) and seen == wanted
