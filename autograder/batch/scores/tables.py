"""The files of a class: grades.csv, rules.csv, needs_attention.csv, timing.csv.

The first two follow from logs, rubric, policy and adjustments alone: graded twice, or cut off and
gone on with, they are the same to the byte. What took how long stands in timing.csv.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple

from autograder.batch.csv_safety import guarded
from autograder.batch.scores.grade import Grade
from autograder.rubric.model import Axis, Course
from autograder.scoring.result import hundredths

STUDENT = ("student", "student_id", "name", "email", "username", "canvas_id", "moodle_id")


def grades_csv(grades: Collection[Grade], course: Course, stages: Sequence[int]) -> str:
    """A line for each student, in the order of the roster."""
    names = [f"stage {number}" for number in stages]
    columns = ["section", "submission", "content", "submitted_at", "status", "reason"]
    columns += ["raw", "max", "adjustment", "late_days", "late_days_free", "penalty", "final"]
    lines = [[*STUDENT, *columns, *names, *(axis.value for axis in Axis)]]
    for grade in grades:
        row, run = grade.state.row, grade.state.run
        entry = row.entry
        line = [row.key, *astuple(row.person), row.section]
        line += [entry.key, entry.content[:8], entry.submitted_at] if entry else ["", "", ""]
        line += [grade.state.status.value, grade.excused or grade.state.reason]
        if run is None or grade.final is None and not grade.late.unknown:
            by_hand = str(grade.applied.points) if grade.applied.points else ""
            line += ["", "", by_hand, "", "", "", "" if grade.final is None else str(grade.final)]
            line += [""] * (len(names) + len(Axis))
        else:
            line += [str(run.score), str(run.maximum), str(grade.applied.points)]
            line += [str(grade.late.days), str(grade.late.free), str(grade.penalty)]
            line += ["" if grade.final is None else str(grade.final)]
            line += [str(stage.score) for stage in run.stages]
            cells = [cell for stage in run.stages for cell in stage.cells]
            line += [str(sum(cell.score for cell in cells if cell.axis is axis)) for axis in Axis]
        lines.append(line)
    return text_of(lines)


def rules_csv(grades: Collection[Grade]) -> str:
    """A line for each rule of each student who has a score."""
    lines = [["student", "rule", "axis", "visibility", "status", "points", "max"]]
    for grade in grades:
        if grade.state.run is None:
            continue
        for one in grade.state.run.rules():
            rule, points = one.rule, (hundredths(one.points), hundredths(one.maximum))
            seen = "visible" if rule.visible else "hidden"
            line = [grade.state.row.key, rule.id, rule.axis.value, seen, one.status.value]
            lines.append([*line, *map(str, points)])
    return text_of(lines)


def attention_csv(grades: Collection[Grade], strangers: Collection[str] = ()) -> str:
    """A line for each thing that a person has to look at.

    Args:
        grades: of the class.
        strangers: what policy and adjustments say of people who are not in the class.
    """
    lines = [["student", "name", "submission", "status", "why", "suggested student"]]
    for grade in grades:
        row = grade.state.row
        entry = row.entry
        key, suggested = (entry.key, entry.suggested[0]) if entry else ("", "")
        for why in grade.attention:
            status = grade.state.status.value
            lines.append([row.key, row.person.name, key, status, why, suggested])
    lines += [["", "", "", "", why, ""] for why in strangers]
    return text_of(lines)


def timing_csv(grades: Collection[Grade]) -> str:
    """What each grading cost, whole and by stage; memory is that of the largest worker."""
    heading = ["student", "submission", "attempts", "cpu_seconds", "wall_seconds"]
    heading += ["tests_seconds", "memory_mb"]
    stages = sorted({cost.stage for grade in grades for cost in grade.state.progress.costs})
    parts = ("cpu_seconds", "wall_seconds", "memory_mb")
    lines = [[*heading, *(f"stage {number} {part}" for number in stages for part in parts)]]
    for grade in grades:
        seen, entry = grade.state.progress, grade.state.row.entry
        if seen.attempts and entry:
            costs = (seen.cpu_seconds, seen.wall_seconds, seen.rules_seconds, seen.memory_mb)
            line = [grade.state.row.key, entry.key, str(seen.attempts), *map(str, costs)]
            by_stage = {cost.stage: astuple(cost)[1:] for cost in seen.costs}
            for number in stages:
                line += map(str, by_stage.get(number, ("", "", "")))
            lines.append(line)
    return text_of(lines)


def text_of(lines: Iterable[Sequence[str]]) -> str:
    """CSV in which no cell is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([[guarded(cell) for cell in line] for line in lines])
    return out.getvalue()
