"""Points follow from outcomes and rubric, add up, and no fault of the grader becomes a zero."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.rubric.model import Axis, Stage
from autograder.scoring.outcome import Outcome, Status
from autograder.scoring.result import hundredths
from autograder.scoring.score import rule_points, score_run
from tests.scoring.bench import (
    CELLS,
    FLAT,
    STANDARD,
    all_pass,
    course,
    fault,
    outcome,
    rule,
    rules_of,
    score,
    stage,
)
from tests.scoring.scored import BASE, cell, one_rule

PROPERTY = settings(derandomize=True, deadline=None, max_examples=60)


# ---- sums ----------------------------------------------------------------------------------------

shares = st.fractions(0, 1, max_denominator=1000)


@st.composite
def stages(draw: st.DrawFn) -> Stage:
    rules = rules_of(
        correctness=draw(st.integers(1, 7)),
        performance=draw(st.integers(0, 3)),
        quality=draw(st.integers(0, 5)),
        documentation=draw(st.integers(0, 3)),
    )
    rules = tuple(replace(one, weight=draw(st.integers(1, 13))) for one in rules)
    human = draw(st.booleans())
    rules += (rule("1.Q90", Axis.QUALITY, 4, "human"),) * human
    cells = {axis: draw(st.integers(0, 9)) for axis in Axis}
    return stage(rules, cells=cells)


@st.composite
def runs(draw: st.DrawFn) -> tuple[Stage, list[Outcome]]:
    made = draw(stages())
    outcomes = []
    for one in made.rules:
        kind = draw(st.sampled_from(["share", "share", "share", "fault", "missing"]))
        if kind == "share":
            measured = FLAT if one.axis is Axis.PERFORMANCE else {}
            outcomes.append(outcome(one.id, draw(shares), measured=measured))
        elif kind == "fault":
            outcomes.append(fault(one.id))
    return made, outcomes


@PROPERTY
@given(runs())
def test_every_report_adds_up(run: tuple[Stage, list[Outcome]]) -> None:
    made, outcomes = run
    scored = score(made, *outcomes)
    assert scored.score == sum(one.score for one in scored.cells)
    assert scored.maximum == sum(made.cells.values())
    assert [one.rule for one in scored.rules] == sorted(
        made.rules, key=lambda one: list(Axis).index(one.axis)
    )
    for one in scored.cells:
        inside = [rule for rule in scored.rules if rule.rule.axis is one.axis]
        assert one.score == hundredths(sum((rule.points for rule in inside), Fraction(0)))
        assert one.undecided == hundredths(sum((rule.undecided for rule in inside), Fraction(0)))
        full = sum((rule.maximum for rule in inside), Fraction(0))
        assert full in (0, made.cells[one.axis])
        assert one.visible == full
        assert 0 <= one.score <= one.visible <= one.maximum
        assert one.score + one.undecided <= one.visible + Decimal("0.01")
    assert all(0 <= rule.points <= rule.maximum for rule in scored.rules)


@settings(PROPERTY, max_examples=15)
@given(runs(), runs())
def test_the_total_is_the_sum_of_its_stages(
    first: tuple[Stage, list[Outcome]], second: tuple[Stage, list[Outcome]]
) -> None:
    other = replace(
        second[0],
        id=2,
        rules=tuple(replace(one, id=f"2{one.id[1:]}", stage=2) for one in second[0].rules),
        anchors={f"2{key[1:]}": value for key, value in second[0].anchors.items()},
    )
    outcomes = [*first[1], *(replace(one, rule=f"2{one.rule[1:]}") for one in second[1])]
    both = score_run(course(first[0], other), (1, 2), outcomes)
    assert both == (score(first[0], *first[1]), score(other, *outcomes))


@PROPERTY
@given(st.fractions(0, 100, max_denominator=100_000))
def test_rounding_is_to_the_nearest_hundredth_and_half_up(points: Fraction) -> None:
    rounded = Fraction(hundredths(points))
    assert -Fraction(1, 200) < points - rounded < Fraction(1, 200) or (
        rounded - points == Fraction(1, 200)
    )


@pytest.mark.parametrize(
    ("points", "text"),
    [("0", "0.00"), ("1/3", "0.33"), ("1/8", "0.13"), ("1/200", "0.01"), ("7", "7.00")],
)
def test_points_have_two_decimals(points: str, text: str) -> None:
    assert str(hundredths(Fraction(points))) == text


def test_full_marks_are_the_whole_points_of_every_cell() -> None:
    scored = score(BASE, *all_pass(BASE))
    assert {one.axis: one.score for one in scored.cells} == CELLS
    assert (scored.score, scored.maximum, scored.visible) == (15, 15, 15)


# ---- weights -------------------------------------------------------------------------------------


@PROPERTY
@given(stages())
def test_the_rules_of_a_cell_share_it_by_weight(made: Stage) -> None:
    for axis in Axis:
        rules = [one for one in made.cell(axis) if one.check != "human"]
        points = [rule_points(made, one) for one in rules]
        assert sum(points) == (made.cells[axis] if rules else 0)
        for one, worth in zip(rules, points, strict=True):
            assert worth * rules[0].weight == points[0] * one.weight


def test_hidden_rules_keep_their_part_of_the_cell() -> None:
    hidden = replace(BASE, hidden_weight={Axis.CORRECTNESS: 10})
    scored = score(hidden, *all_pass(hidden))
    correctness = cell(scored, Axis.CORRECTNESS)
    assert (correctness.score, correctness.visible, correctness.maximum) == (
        Decimal("3.50"),
        Decimal("3.50"),
        7,
    )
    assert cell(scored, Axis.QUALITY).visible == 3
    assert (scored.score, scored.visible, scored.maximum) == (11.5, 11.5, 15)


def test_the_same_rules_earn_the_same_at_home_and_in_class() -> None:
    at_home = replace(BASE, rules=BASE.rules[1:], hidden_weight={Axis.CORRECTNESS: 1})
    for one in at_home.rules:
        assert rule_points(at_home, one) == rule_points(BASE, one)


PEOPLE = stage(
    (
        *STANDARD,
        rule("1.Q8", Axis.QUALITY, 2, "human"),
        rule("1.Q9", Axis.QUALITY, 1, "human"),
        rule("1.D9", Axis.DOCUMENTATION, 3, "human"),
    )
)


def test_what_nobody_has_marked_gives_its_points_to_the_other_rules() -> None:
    scored = score(PEOPLE, *all_pass(PEOPLE))
    assert scored.score == 15
    for rule_id in ("1.Q8", "1.Q9", "1.D9"):
        waiting = one_rule(scored, rule_id)
        assert (waiting.status, waiting.maximum, waiting.points) == (Status.SKIPPED, 0, 0)
    assert one_rule(scored, "1.Q2").maximum == 2


def test_points_come_back_when_all_of_a_cell_is_marked() -> None:
    scored = score(PEOPLE, *all_pass(PEOPLE), outcome("1.Q8", "1/2"), outcome("1.Q9", 0))
    assert [one_rule(scored, f"1.Q{n}").maximum for n in (1, 2, 8, 9)] == [
        Fraction(3 * weight, 6) for weight in (1, 2, 2, 1)
    ]
    assert cell(scored, Axis.QUALITY).score == 2
    assert cell(scored, Axis.DOCUMENTATION).score == 1, "the other cell still waits"


def test_a_cell_that_is_marked_in_part_still_waits() -> None:
    scored = score(PEOPLE, *all_pass(PEOPLE), outcome("1.Q8", 0))
    assert one_rule(scored, "1.Q8").status is Status.SKIPPED
    assert cell(scored, Axis.QUALITY).score == 3


def test_a_mark_takes_nothing_from_other_cells() -> None:
    before = score(PEOPLE, *all_pass(PEOPLE))
    after = score(PEOPLE, *all_pass(PEOPLE), outcome("1.D9", 0))
    assert [one.score for one in before.cells][:3] == [one.score for one in after.cells][:3]
    assert cell(after, Axis.DOCUMENTATION).score == Decimal("0.50")
