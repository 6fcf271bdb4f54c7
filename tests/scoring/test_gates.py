"""What could not be decided costs nobody points, and an axis waits for enough correctness."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from autograder.rubric.model import Axis
from autograder.scoring.outcome import Outcome, Status
from autograder.scoring.result import hundredths
from tests.scoring.bench import STANDARD, all_pass, fault, outcome, score
from tests.scoring.scored import BASE, cell, one_rule
from tests.scoring.test_score import PEOPLE


@pytest.mark.parametrize("kind", ["fault", "missing"])
@pytest.mark.parametrize("rule_id", [one.id for one in STANDARD])
def test_what_could_not_be_decided_is_told_as_undecided(rule_id: str, kind: str) -> None:
    passed = [one for one in all_pass(BASE) if one.rule != rule_id]
    scored = score(BASE, *passed, *([fault(rule_id)] if kind == "fault" else []))
    broken = one_rule(scored, rule_id)
    assert broken.status is Status.ERROR and broken.points == 0
    assert broken.undecided == broken.maximum > 0
    assert broken.cause is not None and broken.cause.kind == "grader"
    undecided = sum(one.undecided for one in scored.cells)
    assert undecided == hundredths(broken.maximum)
    assert scored.score + undecided == 15


def test_without_any_outcome_everything_is_undecided() -> None:
    scored = score(BASE)
    assert scored.score == 0
    assert sum(one.undecided for one in scored.cells) == 15


def test_a_share_beside_a_fault_is_not_paid() -> None:
    scored = score(BASE, *all_pass(BASE), fault("1.4", share=Fraction(1)))
    assert one_rule(scored, "1.4").points == 0


@pytest.mark.parametrize(
    "status", [Status.FAIL, Status.TIMEOUT, Status.NOT_ATTEMPTED, Status.BLOCKED]
)
def test_a_students_zero_is_decided(status: Status) -> None:
    lost = outcome("1.4", 0, status=status)
    scored = score(BASE, *all_pass(BASE), lost)
    assert one_rule(scored, "1.4").undecided == 0
    assert cell(scored, Axis.CORRECTNESS).score == Decimal("4.20")


def correct_to(*passed: str) -> list[Outcome]:
    """Everything passes but the correctness rules that are not named."""
    return [
        one if "." in one.rule[2:] or one.rule in passed or not one.rule[2:].isdigit() else lost
        for one in all_pass(BASE)
        for lost in [outcome(one.rule, 0)]
    ]


def test_at_the_gate_the_axis_is_graded() -> None:
    scored = score(BASE, *correct_to("1.4"))
    assert cell(scored, Axis.CORRECTNESS).score == Decimal("2.80")
    assert cell(scored, Axis.QUALITY).score == 3


def test_below_the_gate_the_axis_is_blocked() -> None:
    scored = score(BASE, *correct_to("1.3"))
    assert cell(scored, Axis.CORRECTNESS).score == Decimal("2.10")
    for axis in (Axis.QUALITY, Axis.DOCUMENTATION):
        assert cell(scored, axis).score == 0
    blocked = one_rule(scored, "1.Q1")
    assert (blocked.status, blocked.points, blocked.undecided) == (Status.BLOCKED, 0, 0)
    assert blocked.cause is not None and blocked.cause.kind == "requires"
    assert "40%" in blocked.cause.summary
    assert cell(scored, Axis.PERFORMANCE).score == 4, "no gate stands before this axis"


def test_a_fault_in_a_blocked_axis_stays_a_fault() -> None:
    scored = score(BASE, *correct_to("1.3"), fault("1.Q1"))
    assert one_rule(scored, "1.Q1").status is Status.ERROR
    assert one_rule(scored, "1.Q1").undecided > 0


def test_a_fault_of_the_grader_closes_no_gate() -> None:
    lost = [fault(f"1.{number}") for number in (1, 2, 4)]
    scored = score(BASE, *all_pass(BASE), *lost)
    assert cell(scored, Axis.CORRECTNESS).score == Decimal("2.10")
    assert cell(scored, Axis.QUALITY).score == 3


def test_a_gate_closes_if_what_is_undecided_cannot_open_it() -> None:
    lost = [outcome("1.4", 0), outcome("1.3", 0), fault("1.2")]
    scored = score(BASE, *all_pass(BASE), *lost)
    assert cell(scored, Axis.QUALITY).score == 0


def test_what_waits_for_a_person_is_not_blocked() -> None:
    lost = [outcome(f"1.{number}", 0) for number in range(1, 5)]
    scored = score(PEOPLE, *all_pass(PEOPLE), *lost)
    assert one_rule(scored, "1.Q8").status is Status.SKIPPED


def test_gates_are_measured_on_what_this_copy_can_give() -> None:
    hidden = replace(BASE, hidden_weight={Axis.CORRECTNESS: 30})
    scored = score(hidden, *all_pass(hidden))
    assert cell(scored, Axis.CORRECTNESS).score == Decimal("1.75")
    assert cell(scored, Axis.QUALITY).score == 3


def test_rules_that_were_not_asked_for_are_left_out_and_gates_stand_open() -> None:
    scored = score(BASE, outcome("1.2", 0), outcome("1.Q1"), only=("1.2", "1.Q1"))
    assert [one.rule.id for one in scored.rules] == ["1.2", "1.Q1"]
    assert [one.status for one in scored.rules] == [Status.FAIL, Status.PASS]
    assert scored.score == 1 and scored.maximum == 15
    assert sum(one.undecided for one in scored.cells) == 0
