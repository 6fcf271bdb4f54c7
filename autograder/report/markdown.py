"""The summary that a hosted run shows: Markdown, in which a student's words are text alone."""

from __future__ import annotations

import re

from autograder.report.failure import failure
from autograder.report.glyphs import Style
from autograder.report.run import Run
from autograder.rubric.model import Axis
from autograder.scoring.result import StageScore

LONGEST = 6000
"""Characters of the explained failure. A step's summary may have a megabyte."""


def summary(run: Run) -> str:
    """Points by stage and axis, and the first failure in full."""
    hidden = run.maximum - run.visible
    more = f"; {hidden} of {run.maximum} are graded later by hidden tests" if hidden else ""
    undecided = f"; {run.undecided} undecided by a fault of the grader" if run.undecided else ""
    lines = [
        f"### {run.course.title}: {run.score} of {run.visible} points here{more}{undecided}",
        "",
        f"| stage | points | {' | '.join(axis.value for axis in Axis)} |",
        f"|---|--:|{'--:|' * len(Axis)}",
        *map(_row, run.stages),
        "",
    ]
    first = run.first
    if first is not None:
        told = failure(first, Style(), run.header.seed, "Fix this first")
        lines += fenced("\n".join(told)[:LONGEST])
    head = run.header
    lines += ["", f"suite {head.suite} ({head.suite_hash[:8]}) · seed {head.seed}"]
    lines += [f"isolation: {head.isolation}"]
    lines += [f"lanes: {run.lanes}"] if run.lanes else []
    return "\n".join(lines) + "\n"


def fenced(text: str) -> list[str]:
    """A block that no text can end early: its fence is longer than any in it."""
    plain = "".join(char if char.isprintable() or char == "\n" else "?" for char in text)
    longest = max(map(len, re.findall("`+", plain)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *plain.splitlines(), fence]


def _row(stage: StageScore) -> str:
    cells = {cell.axis: f"{cell.score} / {cell.visible}" for cell in stage.cells}
    shown = " | ".join(cells.get(axis, "") for axis in Axis)
    return f"| {stage.stage.id} {stage.stage.name} | {stage.score} / {stage.visible} | {shown} |"
