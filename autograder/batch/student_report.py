"""What a student may read: their own points, and of hidden rules only what they are worth."""

from __future__ import annotations

from dataclasses import replace

from autograder.batch.scores.grade import Grade
from autograder.report.html import page
from autograder.report.run import Run
from autograder.scoring.result import RuleScore


def report_for(grade: Grade) -> str:
    """The report of a student who has a grade, as one self-contained file."""
    run = grade.state.run
    assert run is not None and grade.final is not None, "there is a grade"
    told = remarks(grade)
    entry = grade.state.row.entry
    # Who handed in the same as somebody else shares a grading, which may be named for the other.
    header = replace(run.header, submission=entry.key if entry else "")
    return page(for_students(replace(run, header=header)), told if len(told) > 1 else ())


def for_students(run: Run) -> Run:
    """The run with every hidden rule made nameless: no id, title, cause, note or measurement."""
    stages = tuple(
        replace(stage, rules=tuple(_shown(one, n) for n, one in enumerate(stage.rules, 1)))
        for stage in run.stages
    )
    return replace(run, stages=stages)


def remarks(grade: Grade) -> list[str]:
    """How the final grade comes about, where it is not the raw points."""
    run = grade.state.run
    assert run is not None
    lines = [f"{run.score} of {run.maximum} points"]
    if grade.applied.points:
        lines.append(f"{grade.applied.points:+} by hand")
    if grade.late.days:
        lines.append(f"{grade.late.days} days late, {grade.late.free} of them free")
    if grade.penalty:
        lines.append(f"-{grade.penalty} for lateness")
    if len(lines) > 1:
        lines.append(f"grade: {grade.final}")
    return lines


def _shown(one: RuleScore, number: int) -> RuleScore:
    if one.rule.visible:
        return one
    rule = replace(one.rule, id=f"hidden {number}", title="A rule that is not shown", module="")
    return RuleScore(rule, one.status, one.points, one.maximum)
