"""What can be ranked, and the board of each of them: counted costs, and performance points."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from autograder.batch.leaderboard.ranking import Standing, ranked
from autograder.batch.scores.grade import Grade
from autograder.report.run import Run
from autograder.rubric.model import Axis, Course, Rule
from autograder.scoring.performance import cost_of
from autograder.scoring.result import RuleScore, StageScore

POINTS = "performance"
"""The board of performance points over all graded stages."""
TIMED = ("gpu",)
"""Lanes whose costs are times."""
FEWEST_TIMES = 3
"""Gradings from which on a time has an interval to be ranked by."""


@dataclass(frozen=True)
class Board:
    """One metric and who stands where.

    Attributes:
        id: of the rule that measures it, or `POINTS`.
        unit: of its values.
        held: students who are left out until a person has looked: too good to be true.
    """

    id: str
    title: str
    unit: str
    less_is_better: bool
    places: tuple[Standing, ...]
    held: int = 0


def boards(
    course: Course,
    runs: Sequence[Collection[Grade]],
    wishes: Mapping[str, str],
    dropped: Collection[str] = (),
    only: Collection[str] = (),
) -> list[Board]:
    """A board for each performance rule that somebody has a value of, then that of the points.

    On it is who wants to be, and whose stage is correct in full: speed says nothing of what is
    wrong. With several gradings of the same work, what differs between them is the interval.

    Args:
        course: the rubric.
        runs: the grades of one class, graded once or more; the first ones count.
        wishes: aliases by student.
        dropped: rules that the policy leaves out.
        only: ids of the boards; empty for all.
    """
    shown = _runs_of(runs, wishes)
    rules = [rule for stage in course.stages for rule in stage.cell(Axis.PERFORMANCE)]
    found = [_board(rule, shown) for rule in rules if rule.id not in dropped]
    points = {name: _points(graded) for name, graded in shown.items() if all(map(_right, graded))}
    title = "Performance points, for those whose stages are all correct"
    found.append(Board(POINTS, title, "points", False, tuple(ranked(points, False))))
    return [one for one in found if (one.places or one.held) and (not only or one.id in only)]


def _runs_of(runs: Sequence[Collection[Grade]], wishes: Mapping[str, str]) -> dict[str, list[Run]]:
    """By alias, the gradings of the work that counts."""
    work: dict[str, str] = {}
    found: dict[str, list[Run]] = {}
    for grades in runs:
        for grade in grades:
            student, run, entry = grade.state.row.key, grade.state.run, grade.state.row.entry
            if student in wishes and run is not None and entry is not None:
                if work.setdefault(student, entry.content) == entry.content:
                    found.setdefault(wishes[student], []).append(run)
    return found


def _board(rule: Rule, shown: Mapping[str, Sequence[Run]]) -> Board:
    values: dict[str, list[float]] = {}
    held = set()
    for name, graded in shown.items():
        for run in graded:
            one = _measured(rule, run)
            if one is not None and one.measured:
                values.setdefault(name, []).append(cost_of(one.measured))
                if one.flag:
                    held.add(name)
    for name in held:
        del values[name]
    unit = rule.unit or "times the steps at the large size"
    if rule.lane in TIMED:
        values = {name: times for name, times in values.items() if len(times) >= FEWEST_TIMES}
        unit += f", measured on the machine that grades; ranked from {FEWEST_TIMES} gradings on"
    return Board(rule.id, rule.title, unit, True, tuple(ranked(values)), len(held))


def _measured(rule: Rule, run: Run) -> RuleScore | None:
    """What a run measured by the rule; None where the stage is not all correct, or not graded."""
    for stage in run.stages:
        if stage.stage.id == rule.stage and _correct(stage):
            found = next((one for one in stage.rules if one.rule.id == rule.id), None)
            return (
                found if found and {"amount", "steps_large"} & set(found.measured or ()) else None
            )
    return None


def _right(run: Run) -> bool:
    return all(map(_correct, run.stages))


def _correct(stage: StageScore) -> bool:
    return all(cell.score == cell.maximum for cell in stage.cells if cell.axis is Axis.CORRECTNESS)


def _points(graded: Sequence[Run]) -> list[float]:
    return [
        float(
            sum(
                cell.score
                for stage in run.stages
                for cell in stage.cells
                if cell.axis is Axis.PERFORMANCE
            )
        )
        for run in graded
    ]
