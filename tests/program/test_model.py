"""Observations are claims until their shape is checked; the first violation that counts decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pytest

from autograder.program.model import (
    Finding,
    NotWritten,
    Observation,
    Op,
    Violation,
    first_violation,
)
from autograder.protocol.plain import Json, ProtocolError, decode, encode

HONEST: dict[str, Json] = {
    "result": [1, 2],
    "error": "OutOfBlocks",
    "message": "3 asked for",
    "place": "pagedlab/block_pool.py:7, get",
    "skipped": False,
    "state": {"free": 3},
}


def test_an_observation_is_read_as_it_was_sent() -> None:
    seen = Observation.from_json(decode(encode(HONEST)))
    assert asdict(seen) == HONEST


@pytest.mark.parametrize("value", [None, True, 1, "text", [], [HONEST], {}])
def test_what_is_no_observation_is_refused(value: Json) -> None:
    with pytest.raises(ProtocolError):
        Observation.from_json(value)


@pytest.mark.parametrize("field", HONEST)
def test_every_field_must_be_there(field: str) -> None:
    with pytest.raises(ProtocolError):
        Observation.from_json({key: value for key, value in HONEST.items() if key != field})


def test_no_field_may_be_added() -> None:
    with pytest.raises(ProtocolError):
        Observation.from_json({**HONEST, "status": "pass"})


@pytest.mark.parametrize("field", ["error", "message", "place"])
@pytest.mark.parametrize("value", [None, 1, True, ["text"], {"a": "text"}, "x" * 2001])
def test_texts_are_short_strings(field: str, value: Json) -> None:
    Observation.from_json({**HONEST, field: "x" * 2000})
    with pytest.raises(ProtocolError):
        Observation.from_json({**HONEST, field: value})


@pytest.mark.parametrize("value", [None, 0, 1, "False", [], {}])
def test_skipped_is_a_bool(value: Json) -> None:
    with pytest.raises(ProtocolError):
        Observation.from_json({**HONEST, "skipped": value})


@pytest.mark.parametrize("value", [None, 0, True, "free", [], [["free", 3]]])
def test_the_state_is_an_object(value: Json) -> None:
    with pytest.raises(ProtocolError):
        Observation.from_json({**HONEST, "state": value})


# ---- the first violation -------------------------------------------------------------------------

PROGRAM = (Op("one"), Op("two"), Op("three"))
FINE = Observation()


class Scripted:
    """Says what the script says of each operation, and notes which ones it was shown."""

    def __init__(self, **script: tuple[str, ...]) -> None:
        self.script = script
        self.shown: list[str] = []

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        self.shown.append(op.name)
        for invariant in self.script.get(op.name, ()):
            if invariant == "stub":
                raise NotWritten
            yield Violation(invariant, f"{op.name} keeps {invariant}", "it does not")


def found(invariants: tuple[str, ...] = (), **script: tuple[str, ...]) -> tuple[int, str] | None:
    finding = first_violation(Scripted(**script), PROGRAM, [FINE] * 3, invariants)
    return finding and (finding.index, finding.violation.invariant)


def test_a_program_without_violations_has_no_finding() -> None:
    assert found() is None


def test_the_first_violation_of_all_is_found_if_no_invariant_is_named() -> None:
    assert found(two=("I2", "I1"), three=("I3",)) == (1, "I2")


def test_only_named_invariants_count() -> None:
    assert found(("I3",), one=("I1",), two=("I2", "I3")) == (1, "I3")
    assert found(("I4",), one=("I1",), two=("I2",)) is None


def test_what_no_rule_tolerates_counts_for_every_rule() -> None:
    assert found(("I3",), one=("I1", ""), two=("I3",)) == (0, "")


def test_a_finding_tells_what_was_expected() -> None:
    expected = Finding(0, Violation("I1", "one keeps I1", "it does not"))
    assert first_violation(Scripted(one=("I1",)), PROGRAM, [FINE] * 3) == expected


def test_skipped_operations_are_not_judged() -> None:
    checker = Scripted(two=("I1",), three=("I3",))
    seen = [FINE, Observation(skipped=True), FINE]
    finding = first_violation(checker, PROGRAM, seen)
    assert finding is not None and finding.index == 2
    assert checker.shown == ["one", "three"]


def test_a_stub_ends_the_judgement() -> None:
    with pytest.raises(NotWritten):
        found(two=("stub",), three=("I3",))


def test_a_violation_before_a_stub_counts() -> None:
    assert found(one=("I1",), two=("stub",)) == (0, "I1")


def test_a_stub_counts_before_violations_that_do_not() -> None:
    with pytest.raises(NotWritten):
        found(("I9",), one=("I1",), two=("stub",))


@pytest.mark.parametrize("count", [0, 2, 4])
def test_there_is_one_observation_for_each_operation(count: int) -> None:
    with pytest.raises(ValueError):
        first_violation(Scripted(), PROGRAM, [FINE] * count)
