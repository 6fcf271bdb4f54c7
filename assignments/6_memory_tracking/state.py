"""What the judge believes to have seen of an allocator, a memory or a tracker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stage6.values import (
    EXACT,
    UNTRUSTED,
    Piece,
    integer,
    integers,
    number,
    piece,
    refuse_error,
    said,
    same,
)

from autograder.judge.rules import Judge
from autograder.program.malformed import Malformed
from autograder.program.model import Op
from autograder.protocol.plain import Json

PERCENTS = {"50", "90", "100"}
"""Percentiles that are asked for after every event."""


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
