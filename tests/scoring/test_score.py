"""Points follow from outcomes and rubric, add up, and no fault of the grader becomes a zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.rubric.model import Anchor, Axis, Stage
from autograder.scoring.outcome import Binding, Outcome, Status
from autograder.scoring.result import CellScore, RuleScore, StageScore, hundredths
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

BASE = stage(STANDARD)
PROPERTY = settings(derandomize=True, deadline=None, max_examples=60)


def cell(scored: StageScore, axis: Axis) -> CellScore:
    return next(one for one in scored.cells if one.axis is axis)


def one_rule(scored: StageScore, rule_id: str) -> RuleScore:
    return next(one for one in scored.rules if one.rule.id == rule_id)


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


# ---- faults of the grader ------------------------------------------------------------------------


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


# ---- gates ---------------------------------------------------------------------------------------


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


# ---- only some rules -----------------------------------------------------------------------------


def test_rules_that_were_not_asked_for_are_left_out_and_gates_stand_open() -> None:
    scored = score(BASE, outcome("1.2", 0), outcome("1.Q1"), only=("1.2", "1.Q1"))
    assert [one.rule.id for one in scored.rules] == ["1.2", "1.Q1"]
    assert [one.status for one in scored.rules] == [Status.FAIL, Status.PASS]
    assert scored.score == 1 and scored.maximum == 15
    assert sum(one.undecided for one in scored.cells) == 0


# ---- isolated and integrated ---------------------------------------------------------------------

LATER = stage(STANDARD, upstream=(0,))


def both(rule_id: str, isolated: int, integrated: int | None) -> list[Outcome]:
    found = [outcome(rule_id, isolated)]
    if integrated is not None:
        found.append(outcome(rule_id, integrated, binding=Binding.INTEGRATED))
    return found


def all_both() -> list[Outcome]:
    return [
        *all_pass(LATER),
        *(outcome(one.id, binding=Binding.INTEGRATED) for one in LATER.cell(Axis.CORRECTNESS)),
    ]


@pytest.mark.parametrize(
    ("isolated", "integrated", "share", "status"),
    [
        (1, 1, "1", Status.PASS),
        (1, 0, "4/5", Status.FAIL),
        (0, 1, "1/5", Status.FAIL),
        (0, 0, "0", Status.FAIL),
    ],
)
def test_a_stage_above_others_counts_four_fifths_on_its_own(
    isolated: int, integrated: int, share: str, status: Status
) -> None:
    scored = one_rule(score(LATER, *all_both(), *both("1.4", isolated, integrated)), "1.4")
    assert scored.points == scored.maximum * Fraction(share)
    assert scored.status is status
    assert (scored.cause is None) == (status is Status.PASS)


def test_without_an_integrated_result_a_rule_is_undecided() -> None:
    found = [one for one in all_both() if (one.rule, one.binding) != ("1.4", Binding.INTEGRATED)]
    scored = one_rule(score(LATER, *found), "1.4")
    assert (scored.status, scored.points, scored.undecided) == (
        Status.ERROR,
        0,
        scored.maximum,
    )
    assert scored.cause is not None and scored.cause.kind == "grader"


@pytest.mark.parametrize("binding", list(Binding))
def test_a_fault_under_either_binding_leaves_the_rule_undecided(binding: Binding) -> None:
    scored = one_rule(score(LATER, *all_both(), fault("1.4", binding=binding)), "1.4")
    assert scored.status is Status.ERROR and scored.undecided == scored.maximum


def test_only_correctness_is_integrated() -> None:
    scored = score(LATER, *all_both())
    assert scored.score == 15


def test_a_stage_on_nothing_counts_its_isolated_results_alone() -> None:
    ignored = [replace(one, binding=Binding.INTEGRATED) for one in map(fault, ("1.1", "1.4"))]
    assert score(BASE, *all_pass(BASE), *ignored).score == 15


# ---- costs ---------------------------------------------------------------------------------------


def costing(large: float, **measured: float) -> Outcome:
    return outcome("1.P2", measured={**FLAT, "steps_large": large, **measured})


def scored_cost(large: float, anchor: Anchor | None = None, **measured: float) -> RuleScore:
    made = replace(BASE, anchors={**BASE.anchors, **({"1.P2": anchor} if anchor else {})})
    return one_rule(score(made, *all_pass(made), costing(large, **measured)), "1.P2")


def test_a_cost_like_the_references_earns_everything() -> None:
    scored = scored_cost(100)
    assert (scored.status, scored.points, scored.cause, scored.flag) == (
        Status.PASS,
        scored.maximum,
        None,
        "",
    )


def test_a_higher_cost_earns_a_part_and_is_explained() -> None:
    scored = scored_cost(300)
    assert scored.status is Status.FAIL
    assert 0 < scored.points < scored.maximum
    assert scored.cause is not None and scored.cause.kind == "cost"
    assert "3 times" in scored.cause.summary
    assert "100 -> 300" in scored.cause.observed


def test_a_naive_cost_earns_nothing_and_is_decided() -> None:
    scored = scored_cost(800)
    assert (scored.status, scored.points, scored.undecided) == (Status.FAIL, 0, 0)


def test_a_cost_beyond_what_can_be_is_not_rewarded_but_flagged() -> None:
    scored = scored_cost(100, Anchor(3.0, 24.0))
    assert scored.points == scored.maximum
    assert "looked at" in scored.flag


def test_a_cost_whose_counting_was_stopped_needs_no_seconds() -> None:
    measured: Mapping[str, float] = {"steps_small": 10.0, "steps_large": 160.0}
    found = outcome("1.P2", measured=measured)
    scored = one_rule(score(BASE, *all_pass(BASE), found), "1.P2")
    assert (scored.status, scored.points) == (Status.FAIL, 0)


def test_work_that_was_wrong_earns_nothing_whatever_it_costs() -> None:
    scored = one_rule(score(BASE, *all_pass(BASE), outcome("1.P2", 0, measured=FLAT)), "1.P2")
    assert (scored.status, scored.points, scored.flag) == (Status.FAIL, 0, "")
