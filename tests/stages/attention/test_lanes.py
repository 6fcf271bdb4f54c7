"""By which lane a wrong kernel was caught is told from the verdict."""

from __future__ import annotations

import importlib
from fractions import Fraction

import pytest

from autograder.scoring.outcome import Cause, Status
from autograder.validate.verdict import Graded, by_lane
from tests.stages.attention.bench import STAGE

lane_of = importlib.import_module("stage4.lanes").lane_of
FAULT = importlib.import_module("stage4.faults").FAULTS["race"][1]
HIDDEN_FAULT = importlib.import_module("stage4.oracle").NO_FAULT


def cause(invariant: str, expected: str, summary: str = "") -> Cause:
    return Cause(summary, "violation", invariant, expected=expected)


@pytest.mark.parametrize(
    ("rule", "why", "lane"),
    [
        ("4.7", cause("I6", "out[0, 0, 0] = 1"), "outputs"),
        ("4.7", cause("I12", FAULT), "sanitizer"),
        ("4.10", cause("", HIDDEN_FAULT), "sanitizer"),
        ("4.20", cause("I11", "a Triton kernel is launched"), "wrapper"),
        ("4.21", cause("I13", "raises ValueError"), "wrapper"),
        ("4.23", cause("I16", "every kernel compiles"), "compile"),
        ("4.24", cause("I6", "out[0, 0, 0] = 1"), "fast"),
        ("4.P1", None, "traffic"),
        ("4.P6", None, "compile"),
    ],
)
def test_a_loss_has_the_lane_that_saw_it(rule: str, why: Cause | None, lane: str) -> None:
    assert lane_of(STAGE.rule(rule), why) == lane


def test_rules_are_shown_by_lane_in_their_order() -> None:
    lost, kept = Fraction(1), Fraction(0)
    graded = {
        "4.7": Graded(Status.FAIL, lost, lane="outputs"),
        "4.8": Graded(Status.PASS, kept),
        "4.9": Graded(Status.FAIL, lost, lane="sanitizer"),
        "4.10": Graded(Status.FAIL, lost, lane="outputs"),
    }
    assert by_lane(graded) == {"outputs": ["4.7", "4.10"], "sanitizer": ["4.9"]}
