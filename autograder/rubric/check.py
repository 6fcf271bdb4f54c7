"""What must hold of any rubric: sums, ids, and one test for each tested rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from autograder.rubric.model import Axis, Course, RubricError, Stage


def check_course(course: Course) -> None:
    """Raise RubricError unless every axis adds up over all stages."""
    for axis, points in course.axes.items():
        total = sum(header.cells[axis] for header in course.headers)
        if total != points:
            raise RubricError(f"course.toml: the stages' {axis} cells sum to {total}, not {points}")


def check_stage(stage: Stage, public: Collection[str], hidden: Collection[str]) -> None:
    """Raise RubricError unless rules, groups, invariants and tests agree.

    Args:
        stage: the stage as read.
        public: rule ids that have a test in `public/`.
        hidden: rule ids that have a test in `hidden/`.
    """
    where = f"stage {stage.id}"
    for rule_id, count in Counter(rule.id for rule in stage.rules).items():
        if count > 1:
            raise RubricError(f"{where}: rule {rule_id} is declared {count} times")
    for rule in stage.rules:
        unknown = set(rule.invariants) - set(stage.invariants)
        if unknown:
            raise RubricError(f"{where}: rule {rule.id} names unknown invariants {sorted(unknown)}")
        if rule.weight <= 0:
            raise RubricError(f"{where}: rule {rule.id} needs a weight above 0")
        if rule.lane and rule.lane not in stage.lanes:
            raise RubricError(
                f"{where}: rule {rule.id} names a lane {rule.lane!r} that is not there"
            )
        heirs = {one.id for one in stage.cell(rule.axis)} - {rule.id}
        if not set(rule.instead) <= heirs or (rule.instead and not rule.lane):
            raise RubricError(f"{where}: rule {rule.id} cannot leave its weight to {rule.instead}")
    tested = {rule.id for rule in stage.rules if rule.axis in (Axis.CORRECTNESS, Axis.PERFORMANCE)}
    both = set(public) & set(hidden)
    if both:
        raise RubricError(f"{where}: tested in public/ and in hidden/: {sorted(both)}")
    if tested != set(public) | set(hidden):
        difference = sorted(tested ^ (set(public) | set(hidden)))
        raise RubricError(f"{where}: a rule without a test, or a test without a rule: {difference}")
