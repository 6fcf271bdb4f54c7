"""What documents show of the rubric: right points, no hidden titles, no drift."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.rubric.load import load_course
from autograder.rubric.model import Axis, Course, Rule, Stage, StageHeader
from autograder.source.rubric_tables import (
    cells_table,
    checkpoint,
    hidden_points,
    rules_tables,
)

ROOT = Path(__file__).resolve().parents[2]
CELLS = {Axis.CORRECTNESS: 6, Axis.PERFORMANCE: 3, Axis.QUALITY: 2, Axis.DOCUMENTATION: 1}


def _rule(rule_id: str, axis: Axis, weight: int, visible: bool = True) -> Rule:
    return Rule(rule_id, 1, axis, "A", f"Title of {rule_id}", weight, visible, ("I4",))


RULES = (
    _rule("1.1", Axis.CORRECTNESS, 3),
    _rule("1.2", Axis.CORRECTNESS, 1),
    _rule("1.3", Axis.CORRECTNESS, 1, visible=False),
    _rule("1.4", Axis.CORRECTNESS, 1, visible=False),
    _rule("1.P1", Axis.PERFORMANCE, 1),
    _rule("1.P2", Axis.PERFORMANCE, 2, visible=False),
    _rule("1.Q1", Axis.QUALITY, 5),
    _rule("1.D1", Axis.DOCUMENTATION, 1),
)


@pytest.fixture
def stage() -> Stage:
    real = load_course(ROOT / "assignments").stage(1)
    return replace(real, name="Pool", cells=CELLS, groups={"A": "First"}, rules=RULES)


@pytest.fixture
def students_copy(stage: Stage) -> Stage:
    return replace(
        stage,
        rules=tuple(rule for rule in stage.rules if rule.visible),
        hidden_weight={Axis.CORRECTNESS: 2, Axis.PERFORMANCE: 2},
    )


def _course(stage: Stage) -> Course:
    header = StageHeader(1, "Pool", "1_pool", CELLS)
    absent = StageHeader(2, "Tables", "2_tables", {**CELLS, Axis.QUALITY: 4})
    return Course("Course", "1", {}, (header, absent), (stage,))


def test_rules_share_their_cell_by_weight(stage: Stage) -> None:
    points = dict(re.findall(r"^\| (1\.\w+) \|.*?\| ([\d.]+/\d) \|$", checkpoint(stage), re.M))
    assert points == {
        "1.1": "3.00/6",
        "1.2": "1.00/6",
        "1.P1": "1.00/3",
        "1.Q1": "2.00/2",
        "1.D1": "1.00/1",
    }


def test_a_students_copy_without_the_hidden_rules_gives_the_same_points(
    stage: Stage, students_copy: Stage
) -> None:
    assert checkpoint(students_copy) == checkpoint(stage)
    for axis in Axis:
        assert hidden_points(students_copy, axis) == hidden_points(stage, axis)


def test_hidden_points_are_exact_and_zero_where_nothing_is_hidden(stage: Stage) -> None:
    uneven = replace(stage, rules=(*RULES, _rule("1.5", Axis.CORRECTNESS, 1, visible=False)))
    assert hidden_points(stage, Axis.CORRECTNESS) == 2
    assert hidden_points(uneven, Axis.CORRECTNESS) == Fraction(18, 7)
    assert hidden_points(stage, Axis.QUALITY) == 0


def test_a_rule_read_by_a_person_shows_what_it_is_worth_with_a_mark(stage: Stage) -> None:
    human = replace(_rule("1.Q2", Axis.QUALITY, 5), check="human")
    table = rules_tables(_course(replace(stage, rules=(*RULES, human))))
    assert "| 1.Q1 | Title of 1.Q1 | code quality |  | 1.00/2 | visible |" in table
    assert "| 1.Q2 | Title of 1.Q2 | code quality |  | 1.00/2 | visible |" in table


def test_hidden_rules_show_their_number_and_points_and_never_their_title(stage: Stage) -> None:
    table = rules_tables(_course(stage))
    assert "|  | *2 hidden rules* | correctness |  | 2.00/6 | hidden |" in table
    assert "|  | *1 hidden rule* | performance |  | 2.00/3 | hidden |" in table
    for text in (table, checkpoint(stage)):
        assert "Title of 1.2" in text
        assert "Title of 1.3" not in text and "1.P2" not in text


def test_a_students_copy_shows_hidden_points_without_a_number_of_rules(
    students_copy: Stage,
) -> None:
    table = rules_tables(_course(students_copy))
    assert "|  | *hidden rules* | correctness |  | 2.00/6 | hidden |" in table


def test_the_rules_table_names_axis_group_and_points(stage: Stage) -> None:
    table = rules_tables(_course(stage))
    assert "### Stage 1: Pool" in table
    assert "| 1.1 | Title of 1.1 | correctness | First | 3.00/6 | visible |" in table
    assert "| 1.Q1 | Title of 1.Q1 | code quality |  | 2.00/2 | visible |" in table


def test_the_checkpoint_links_invariants_and_tells_the_hidden_points(stage: Stage) -> None:
    text = checkpoint(stage)
    assert "| 1.1 | Title of 1.1 | [I4](#i4) | 3.00/6 |" in text
    assert "hidden rules: 2.00/6 of correctness, 2.00/3 of performance." in text


def test_a_bar_in_a_title_does_not_break_the_table(stage: Stage) -> None:
    odd = replace(RULES[0], title="a | b")
    assert "| 1.1 | a \\| b |" in checkpoint(replace(stage, rules=(odd,)))


def test_the_cells_table_has_every_stage_and_the_sums(stage: Stage) -> None:
    lines = cells_table(_course(stage)).splitlines()
    assert lines[2:4] == ["| 1 Pool | 6 | 3 | 2 | 1 | 12 |", "| 2 Tables | 6 | 3 | 4 | 1 | 14 |"]
    assert lines[-1] == "| **sum** | **12** | **6** | **6** | **2** | **26** |"
