"""What a cost earns is told in numbers that a student can read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.rubric.load import load_course
from autograder.rubric.model import Anchor
from autograder.scoring.cost import TOO_GOOD, by_cost

STAGE = load_course(Path(__file__).resolve().parents[2] / "assignments").stage(1)
RULE = replace(STAGE.rule("1.P1"), unit="bytes a token")
ANCHORED = replace(STAGE, anchors={RULE.id: Anchor(reference=2227.0, naive=17816.0)})


def test_an_amount_is_told_without_an_exponent() -> None:
    share, cause, flag = by_cost(ANCHORED, RULE, {"amount": 8000.0})
    assert 0 < share < 1 and cause is not None and flag == ""
    assert cause.observed == "8,000 bytes a token"
    assert "2,227 in the reference" in cause.expected
    assert "e+" not in cause.summary + cause.expected


@pytest.mark.parametrize(("amount", "flag"), [(2227.0, ""), (1000.0, TOO_GOOD)])
def test_full_marks_need_no_explanation(amount: float, flag: str) -> None:
    assert by_cost(ANCHORED, RULE, {"amount": amount}) == (1, None, flag)


def test_nothing_at_all_earns_full_marks_and_no_flag_where_that_can_be_done() -> None:
    assert by_cost(ANCHORED, RULE, {"amount": 0.0, "least": 0.0}) == (1, None, "")
