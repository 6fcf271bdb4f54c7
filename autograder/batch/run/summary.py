"""The last lines of a batch: how many of each status, what to look at, what to do next."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from autograder.batch.run.display import shown_seconds
from autograder.batch.run.report import Report
from autograder.batch.run.state import counts
from autograder.batch.scores.costs import taken
from autograder.batch.scores.grade import Grade

SHOWN = 12


def summary(report: Report, grades: Collection[Grade], out: Path) -> list[str]:
    """The lines."""
    if report.refused:
        return [
            "nothing was graded: this machine or this suite is not fit",
            *(f"  {problem}" for problem in report.unhealthy),
        ]
    states = [grade.state for grade in grades]
    words = " · ".join(f"{status} {number}" for status, number in counts(states).items())
    lines = [f"{len(states)} rows: {words}"]
    lines += [f"  WRONG  {problem}" for problem in report.unhealthy]
    if report.graded:
        lines += [
            f"{report.graded} gradings in {shown_seconds(report.seconds)}; {_middle(grades)}",
            *_use(report),
        ]
    lines.append(f"grades: {out / 'grades.csv'}")
    odd = [grade for grade in grades if grade.attention]
    if odd:
        lines.append(f"{len(odd)} rows need attention: {out / 'needs_attention.csv'}")
        for one in odd[:SHOWN]:
            why = "; ".join(one.attention)
            lines.append(f"  {one.state.row.key}: {one.state.status}: {why}")
        if len(odd) > SHOWN:
            lines.append(f"  and {len(odd) - SHOWN} more")
    return lines


def _use(report: Report) -> list[str]:
    """How much of this machine the batch has used; nothing if the work was done elsewhere."""
    if not report.busy:
        return []
    cores = os.cpu_count() or 1
    share = report.cpu_seconds / (cores * report.seconds)
    used = f"{report.cpu_seconds:.0f} CPU-seconds in all, {share:.0%} of {cores} cores"
    return [f"graders had work {report.busy:.0%} of the time; {used}"]


def _middle(grades: Collection[Grade]) -> str:
    lines = taken(grades)
    if not lines:
        return "none was brought to its end"
    *stages, whole = lines
    text = (
        f"one takes {whole.cpu_median:.1f} CPU-seconds (median; at most {whole.cpu_most:.1f}), all"
        f" of them {whole.cpu_all:.0f}; the largest worker used {whole.memory_mb} MB"
    )
    if len(stages) > 1:
        words = (f"stage {one.stage}: {one.cpu_median:.1f}" for one in stages)
        text += f"\n  medians: {', '.join(words)}"
    return text
