"""The rubric as Markdown tables. Pure: what is shown depends on the course alone.

Students read what is made here, so a hidden rule shows as points and never by its title.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from autograder.rubric.model import Axis, Course, Rule, Stage
from autograder.scoring.result import hundredths
from autograder.scoring.score import rule_points

AXIS_NAMES = {
    Axis.CORRECTNESS: "correctness",
    Axis.PERFORMANCE: "performance",
    Axis.QUALITY: "code quality",
    Axis.DOCUMENTATION: "documentation",
}


def hidden_points(stage: Stage, axis: Axis) -> Fraction:
    """The exact points of a cell that hang on rules whose tests students do not get."""
    visible = (rule for rule in stage.cell(axis) if rule.visible)
    return stage.cells[axis] - sum(map(_worth(stage), visible), Fraction())


def cells_table(course: Course) -> str:
    """Points by stage and axis, with the sums."""
    rows = [
        [f"{header.id} {header.name}", *_with_total([header.cells[axis] for axis in Axis])]
        for header in course.headers
    ]
    sums = [sum(header.cells[axis] for header in course.headers) for axis in Axis]
    rows.append(["**sum**", *(f"**{cell}**" for cell in _with_total(sums))])
    return _table(["stage", *(AXIS_NAMES[axis] for axis in Axis), "total"], rows)


def rules_tables(course: Course) -> str:
    """One table of rules for each stage that this suite holds."""
    return "\n\n".join(
        f"### Stage {stage.id}: {stage.name}\n\n{_rules_table(stage)}" for stage in course.stages
    )


def checkpoint(stage: Stage) -> str:
    """For the handout: the rules that students can run, and the points of those they cannot."""
    rows = [
        [rule.id, _title(rule), _judged(rule), _both_points(stage, axis, rule)]
        for axis in Axis
        for rule in stage.cell(axis)
        if rule.visible
    ]
    hidden = [
        f"{_points(stage, axis, hidden_points(stage, axis))} of {AXIS_NAMES[axis]}"
        for axis in Axis
        if hidden_points(stage, axis)
    ]
    note = f"Points on hidden rules: {', '.join(hidden)}." if hidden else "No rule is hidden."
    if any(" or " in row[-1] for row in rows):
        note += " Where there are two figures, the second holds while no person has marked."
    return f"{_table(['rule', 'what it asks', 'judges', 'points of cell'], rows)}\n\n{note}"


def _both_points(stage: Stage, axis: Axis, rule: Rule) -> str:
    """What a rule is worth, and what it is worth while rules read by a person have no marks."""
    marked, unmarked = rule_points(stage, rule, marked=True), rule_points(stage, rule)
    text = _points(stage, axis, marked)
    same = rule.check == "human" or hundredths(marked) == hundredths(unmarked)
    return text if same else f"{text} or {_points(stage, axis, unmarked)}"


def _rules_table(stage: Stage) -> str:
    rows: list[list[str]] = []
    for axis in Axis:
        rows += [
            [
                rule.id,
                _title(rule),
                AXIS_NAMES[axis],
                stage.groups[rule.group] if axis is Axis.CORRECTNESS else "",
                _points(stage, axis, _worth(stage)(rule)),
                "visible",
            ]
            for rule in stage.cell(axis)
            if rule.visible
        ]
        if hidden_points(stage, axis):
            points = _points(stage, axis, hidden_points(stage, axis))
            rows.append(["", _hidden(stage, axis), AXIS_NAMES[axis], "", points, "hidden"])
    return _table(["rule", "what it asks", "axis", "group", "points of cell", "test"], rows)


def _hidden(stage: Stage, axis: Axis) -> str:
    """How many hidden rules there are; a student's copy of the rubric knows only their weight."""
    count = sum(not rule.visible for rule in stage.cell(axis))
    if stage.hidden_weight.get(axis, 0) or count == 0:
        return "*hidden rules*"
    return f"*{count} hidden rule{'s' if count > 1 else ''}*"


def _worth(stage: Stage) -> Callable[[Rule], Fraction]:
    """Points of a rule of the stage where a person has marked the rules that wait for one."""
    return lambda rule: rule_points(stage, rule, marked=True)


def _judged(rule: Rule) -> str:
    return " ".join(f"[{invariant}](#{invariant.lower()})" for invariant in rule.invariants)


def _title(rule: Rule) -> str:
    return rule.title.replace("|", "\\|")


def _with_total(cells: list[int]) -> list[str]:
    return [str(cell) for cell in (*cells, sum(cells))]


def _points(stage: Stage, axis: Axis, points: Fraction) -> str:
    """Such as "1.20/3": the leak scan takes a bare 1.20 in a table for the id of a rule."""
    return f"{hundredths(points)}/{stage.cells[axis]}"


def _table(header: list[str], rows: Iterable[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
