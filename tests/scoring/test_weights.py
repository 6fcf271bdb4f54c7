"""On whatever machine: a cell has the same points, and what cannot be decided costs nobody any."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import pytest

from autograder.rubric.model import Anchor, Axis, RubricError, Rule, Stage
from autograder.scoring.outcome import Cause, Outcome, Status
from autograder.scoring.score import absent_rules, score_stage
from autograder.scoring.weights import shared_points, with_lanes
from tests.scoring.bench import CELLS, FLAT, all_pass, found, outcome, rule, score, stage

P, C = Axis.PERFORMANCE, Axis.CORRECTNESS
RULES = (
    rule("1.1", C, 3),
    rule("1.2", C, 1, lane="fast", instead=("1.1",)),
    rule("1.P1", P, 3, lane="traffic", instead=("1.P3",)),
    rule("1.P2", P, 2, lane="compile"),
    rule("1.P3", P, 1, lane="fast", instead=("1.P1",)),
)
LANES = {"traffic": "counts", "compile": "compiles", "fast": "runs"}
STAGE = stage(RULES, lanes=LANES, lanes_from="nowhere")


def worth(*absent: str, made: Stage = STAGE) -> dict[str, Fraction]:
    return dict(shared_points(made, P, absent=absent))


def test_where_all_is_there_weights_share_the_cell() -> None:
    assert worth() == {"1.P1": 2, "1.P2": Fraction(4, 3), "1.P3": Fraction(2, 3)}


def test_an_absent_rule_leaves_its_weight_to_those_that_ask_for_the_same() -> None:
    assert worth("1.P3") == {"1.P1": Fraction(8, 3), "1.P2": Fraction(4, 3), "1.P3": 0}
    assert worth("1.P1")["1.P3"] == Fraction(8, 3)


def test_it_goes_to_the_whole_cell_if_they_are_absent_too() -> None:
    assert worth("1.P1", "1.P3") == {"1.P1": 0, "1.P2": 4, "1.P3": 0}
    assert worth("1.P2") == {"1.P1": 3, "1.P2": 0, "1.P3": 1}


@pytest.mark.parametrize("count", range(3))
def test_a_cell_has_its_points_as_long_as_one_rule_can_be_decided(count: int) -> None:
    for absent in combinations(("1.P1", "1.P2", "1.P3"), count):
        assert sum(worth(*absent).values()) == CELLS[P]
    assert sum(worth("1.P1", "1.P2", "1.P3").values()) == 0


def test_hidden_rules_are_heirs_in_a_students_copy() -> None:
    at_home = replace(STAGE, hidden_weight={P: 2})
    assert worth("1.P2", made=at_home) == {
        "1.P1": Fraction(CELLS[P] * 4, 8),
        "1.P2": 0,
        "1.P3": Fraction(CELLS[P] * 4, 24),
    }


def skipped(rule_id: str) -> Outcome:
    return Outcome(rule_id, Status.SKIPPED, cause=Cause("the lane is not here", "lane"))


def test_a_skipped_rule_is_no_loss_and_no_fault() -> None:
    got = score(STAGE, *all_pass(STAGE), skipped("1.P1"), skipped("1.2"))
    by_id = {one.rule.id: one for one in got.rules}
    assert got.score == CELLS[P] + CELLS[C]
    assert (by_id["1.P1"].status, by_id["1.P1"].maximum) == (Status.SKIPPED, 0)
    assert all(cell.undecided == 0 for cell in got.cells)


def test_what_takes_its_place_can_be_lost() -> None:
    dear = outcome("1.P3", measured={**FLAT, "steps_large": 800.0})
    assert score(STAGE, *all_pass(STAGE), dear, skipped("1.P1")).cells[1].score < 2


def test_a_lane_without_anchors_gives_no_points_and_shows_what_it_saw() -> None:
    gpu = rule("1.P4", P, 3, lane="gpu", instead=("1.P2",))
    made = stage((*RULES, gpu), lanes={**LANES, "gpu": "times"}, lanes_from="nowhere")
    made = replace(made, anchors={k: v for k, v in made.anchors.items() if k != "1.P4"})
    got = score(made, *all_pass(made))
    by_id = {one.rule.id: one for one in got.rules}
    assert (by_id["1.P4"].status, by_id["1.P4"].maximum) == (Status.SKIPPED, 0)
    assert by_id["1.P4"].measured == FLAT
    assert got.cells[1].score == CELLS[P]
    anchored = replace(made, anchors={**made.anchors, "1.P4": Anchor(1.0, 8.0)})
    assert {one.rule.id: one.maximum for one in score(anchored, *all_pass(made)).rules}["1.P4"] > 0


def test_a_run_can_be_scored_as_a_machine_with_fewer_lanes_would() -> None:
    outcomes = list(with_lanes([STAGE], all_pass(STAGE), {"compile"}))
    assert absent_rules(STAGE, found(outcomes)) == {"1.2", "1.P1", "1.P3"}
    assert score_stage(STAGE, found(outcomes)).score == CELLS[P] + CELLS[C]
    same = with_lanes([STAGE], all_pass(STAGE), LANES)
    assert list(same) == all_pass(STAGE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lane": "warp"},
        {"lane": "fast", "instead": ("1.1",)},
        {"lane": "fast", "instead": ("1.P1",)},
        {"instead": ("1.P3",)},
    ],
)
def test_a_rule_names_lanes_and_heirs_that_there_are(wrong: dict[str, object]) -> None:
    from autograder.rubric.check import check_stage

    made: tuple[Rule, ...] = (rule("1.1", C), rule("1.P1", P, **wrong), rule("1.P3", P))  # type: ignore[arg-type]
    with pytest.raises(RubricError, match="1.P1"):
        check_stage(stage(made, lanes=LANES), {one.id: None for one in made}, ())
