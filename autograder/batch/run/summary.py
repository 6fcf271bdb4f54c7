"""The last lines of a batch: how many of each status, what to look at, what to do next."""

from __future__ import annotations

import os
import statistics
from collections.abc import Collection
from pathlib import Path

from autograder.batch.run.batch import Report
from autograder.batch.run.display import shown_seconds
from autograder.batch.run.state import counts
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
            _use(report),
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


def _use(report: Report) -> str:
    cores = os.cpu_count() or 1
    share = report.cpu_seconds / (cores * report.seconds)
    return (
        f"graders had work {report.busy:.0%} of the time; in all {report.cpu_seconds:.0f}"
        f" CPU-seconds: {share:.0%} of {cores} cores"
    )


def _middle(grades: Collection[Grade]) -> str:
    done = {one.state.grading: one.state.progress for one in grades if one.state.run}
    if not done:
        return "none was brought to its end"
    cpu = [one.cpu_seconds for one in done.values()]
    memory = max(one.memory_mb for one in done.values())
    return (
        f"one takes {statistics.median(cpu):.1f} CPU-seconds (median), all of them {sum(cpu):.0f};"
        f" the largest worker used {memory} MB"
    )
