"""What the judge believes to have seen of an allocator, a memory or a tracker."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from autograder.judge.rules import Judge
from autograder.program.model import NotWritten, Observation, Op, Violation
from autograder.protocol.plain import Json

UNTRUSTED = "something else than the contract's plain types"
PERCENTS = {"50", "90", "100"}
"""Percentiles that are asked for after every event."""
EXACT = 1e-9
"""Relative difference that rounding may make in a formula that is computed as it stands."""
Piece = tuple[int, int]
"""Start and number of slots of a region or hole."""


@dataclass(frozen=True)
class TrackerState:
    """A tracker as the submission shows it; `leaks` and the holders in sorted order."""

    usage: tuple[int, ...]
    peak: int
    mean: float
    percentiles: Mapping[str, int]
    leaks: tuple[tuple[str, int], ...]
    holders: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def num_used(self) -> int:
        """Blocks that the submission shows to be held: a scan."""
        return sum(bool(names) for names in self.holders.values())


class Malformed(Exception):
    """The submission shows something that no correct one can. Carries the violation."""

    def __init__(self, expected: str, observed: str, invariant: str = "") -> None:
        super().__init__(observed)
        self.violation = Violation(invariant, expected, observed)


def read_tracker(state: Mapping[str, Json], num_blocks: int) -> TrackerState:
    """Check an untrusted observation of a tracker.

    Raises:
        Malformed: it shows values of the wrong type.
        NotWritten: `usage` is still a stub. Another query that is one breaks its own invariant.
    """
    holders, percents = state.get("holders"), state.get("percentiles")
    if not isinstance(holders, dict) or not isinstance(percents, dict):
        raise Malformed("readable blocks", UNTRUSTED)
    if set(holders) != set(map(str, range(num_blocks))) or set(percents) != PERCENTS:
        raise Malformed("readable blocks", UNTRUSTED)
    usage = integers("usage()", state.get("usage"), 4, "I10")
    return TrackerState(
        usage=tuple(usage),
        peak=integer("peak_blocks()", state.get("peak"), "I11"),
        mean=number("mean_usage()", state.get("mean"), "I11"),
        percentiles={
            key: integer(f"percentile_usage({key})", one, "I11") for key, one in percents.items()
        },
        leaks=_leaks(state.get("leaks")),
        holders={int(block): _names(block, one) for block, one in holders.items()},
    )


def read_holes(state: Mapping[str, Json]) -> list[Piece]:
    """The holes of an allocator, in the order shown.

    Raises:
        Malformed: they are no regions.
        NotWritten: the method is still a stub.
    """
    shown = state.get("holes")
    refuse_error("holes()", shown, "")
    if not isinstance(shown, list):
        raise Malformed("holes() is a list of Region", f"holes() is {said(shown)}")
    return [piece("a hole", one) for one in shown]


def read_use(state: Mapping[str, Json]) -> list[int]:
    """The five numbers of a memory's use.

    Raises:
        Malformed: they are no whole numbers.
        NotWritten: the method is still a stub.
    """
    return integers("use()", state.get("use"), 5, "I6")


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


def expect(judge: Judge, op: Op, wanted: Json, invariant: str, tolerance: float = EXACT) -> None:
    """Run one operation that keeps nothing, and hold its result against a value worked out by hand.

    Raises:
        RuleFailed: the result is another one.
    """
    seen = judge.check(op)[0].result
    if not same(wanted, seen, tolerance):
        judge.fail((op,), 0, invariant, said(wanted), said(seen))


def _names(block: str, shown: Json) -> tuple[str, ...]:
    refuse_error(f"holders({block})", shown, "")
    if not isinstance(shown, list) or not all(isinstance(name, str) for name in shown):
        raise Malformed(f"holders({block}) are names", f"they are {said(shown)}", "I10")
    return tuple(sorted(map(str, shown)))


def _leaks(shown: Json) -> tuple[tuple[str, int], ...]:
    refuse_error("leaks()", shown, "I12")
    found = []
    for one in shown if isinstance(shown, list) else [None]:
        match one:
            case [str(request), int(block)] if type(block) is int:
                found.append((request, block))
            case _:
                raise Malformed("leaks() is a list of Leak", f"it is {said(shown)}", "I12")
    return tuple(sorted(found))
