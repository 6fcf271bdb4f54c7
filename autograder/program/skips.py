"""Which operations may have been skipped: those that name what never came to be, and no other.

That an operation was skipped is the worker's claim. Believed blindly, a submission that skips
everything would break no rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from autograder.program.model import Finding, Observation, Op, Program, Violation

References = Callable[[Op], Iterable[str]]
"""What an operation names of earlier results: "a[0]", or "a" for a result that is no list."""

ITEM = re.compile(r"(?P<name>.*)\[(?P<index>\d+)\]")


def unexcused_skip(
    program: Program, observations: Sequence[Observation], references: References
) -> Finding | None:
    """The first operation that was reported as skipped though nothing it names is missing."""
    for index, seen in enumerate(observations):
        if seen.skipped and not _excused(program, observations, references, index):
            return Finding(index, Violation("", "the operation is run", "it was not run"))
    return None


def _excused(
    program: Program, observations: Sequence[Observation], references: References, index: int
) -> bool:
    if index and _brought_nothing(observations[0]):
        return True  # the first operation sets up what all others need
    return any(
        _missing(reference, program[:index], observations)
        for reference in references(program[index])
    )


def _missing(reference: str, before: Program, observations: Sequence[Observation]) -> bool:
    item = ITEM.fullmatch(reference)
    name = item["name"] if item else reference
    for op, seen in reversed(list(zip(before, observations, strict=False))):
        if op.binds == name:
            result = seen.result
            if item is None:
                return _brought_nothing(seen) or not isinstance(result, str)
            there = isinstance(result, list) and int(item["index"]) < len(result)
            return _brought_nothing(seen) or not there
    return True


def _brought_nothing(seen: Observation) -> bool:
    return seen.skipped or bool(seen.error)
