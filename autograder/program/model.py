"""An operation program and what running it showed.

A program is the test's input, what the shrinker shrinks and what the student sees. Operations
speak of symbolic names (`a`, `b`), never of block ids, so that any correct submission can run it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from autograder.protocol.plain import Json, ProtocolError


@dataclass(frozen=True)
class Op:
    """One operation.

    Attributes:
        name: of the operation, as the stage's driver knows it.
        args: plain data; references to earlier results are strings such as "a[0]".
        binds: the name that the result gets, or "".
    """

    name: str
    args: Mapping[str, Json] = field(default_factory=dict)
    binds: str = ""

    def to_json(self) -> Json:
        """The form that crosses to the worker."""
        return {"name": self.name, "args": self.args, "binds": self.binds}


Program = tuple[Op, ...]


@dataclass(frozen=True)
class Observation:
    """What one operation showed, as the worker reports it: a claim, not yet believed.

    Attributes:
        result: plain data made of the returned value by the stage's driver.
        error: name of the error that was raised, or "".
        message: of that error.
        place: "file.py:line, function" where it was raised in the submission, or "".
        skipped: the operation referred to a name that never came to be, and was not run.
        state: what the driver could see afterwards.
    """

    result: Json = None
    error: str = ""
    message: str = ""
    place: str = ""
    skipped: bool = False
    state: Mapping[str, Json] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Json) -> Observation:
        """Check the shape of an untrusted observation.

        Raises:
            ProtocolError: a field is missing, unknown or of the wrong type.
        """
        if not isinstance(value, dict) or set(value) != set(cls.__dataclass_fields__):
            raise ProtocolError("an observation with other fields than agreed")
        texts = [value["error"], value["message"], value["place"]]
        if not all(isinstance(text, str) and len(text) <= 2000 for text in texts):
            raise ProtocolError("an observation whose texts are no short strings")
        if not isinstance(value["skipped"], bool) or not isinstance(value["state"], dict):
            raise ProtocolError("an observation with fields of the wrong type")
        return cls(**value)


@dataclass(frozen=True)
class Violation:
    """A sentence of the contract that an observation breaks.

    Attributes:
        invariant: "" for what no rule tolerates, such as an error where none is allowed.
        expected: what the sentence asks.
        observed: what was seen instead.
        pattern: the mistake that explains it, in words, where one is known. A shorter program
            must show the same one, or the explanation would get lost on the way.
        place: where to look in the submission, where the contract can tell better than by the
            operation: a function's name, or "file.py:line".
    """

    invariant: str
    expected: str
    observed: str
    pattern: str = ""
    place: str = ""


class NotWritten(Exception):
    """An operation ran into a stub: nothing can be said of the program."""


class Checker(Protocol):
    """Judges a program's observations one by one, in order. One instance a program."""

    def step(self, op: Op, seen: Observation) -> Iterable[Violation]:
        """Give what is wrong with `seen`, the worst first; nothing if all is well.

        Raises:
            NotWritten: a function that the operation needs is still a stub.
        """
        ...


@dataclass(frozen=True)
class Finding:
    """The first violation in a program: which operation, and what."""

    index: int
    violation: Violation


def first_violation(
    checker: Checker,
    program: Program,
    observations: Iterable[Observation],
    invariants: tuple[str, ...] = (),
) -> Finding | None:
    """Find the first violation of one of `invariants` (of any, if none are named).

    Raises:
        NotWritten: the program runs into a stub before any violation.
    """
    for index, (op, seen) in enumerate(zip(program, observations, strict=True)):
        if seen.skipped:
            continue
        for violation in checker.step(op, seen):
            if not invariants or not violation.invariant or violation.invariant in invariants:
                return Finding(index, violation)
    return None
