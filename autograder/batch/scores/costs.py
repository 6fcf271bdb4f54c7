"""What grading has taken, by stage: processor, clock, memory. Each grading counts once."""

from __future__ import annotations

import statistics
from collections.abc import Collection
from dataclasses import dataclass

from autograder.batch.run.log import Progress, StageCost
from autograder.batch.scores.grade import Grade


@dataclass(frozen=True)
class Taken:
    """What one stage, or all of a grading (`stage` is 0), has taken.

    Attributes:
        stage: its number.
        gradings: how many were brought to the stage's end.
        cpu_median, cpu_most, cpu_all: seconds of processor.
        wall_median, wall_most: seconds on the clock.
        memory_mb: of the largest worker of all.
    """

    stage: int
    gradings: int
    cpu_median: float
    cpu_most: float
    cpu_all: float
    wall_median: float
    wall_most: float
    memory_mb: int


def gradings_of(grades: Collection[Grade]) -> dict[str, Progress]:
    """By name, the gradings that these grades stand on. Those who sent the same share one."""
    return {
        grade.state.grading: grade.state.progress for grade in grades if grade.state.progress.costs
    }


def taken(grades: Collection[Grade]) -> list[Taken]:
    """What each stage has taken, and all of them together; empty if nothing was graded."""
    done = gradings_of(grades).values()
    if not done:
        return []
    stages = sorted({cost.stage for one in done for cost in one.costs})
    lines = [_taken([c for one in done for c in one.costs if c.stage == s]) for s in stages]
    whole = [StageCost(0, one.cpu_seconds, one.wall_seconds, one.memory_mb) for one in done]
    return [*lines, _taken(whole)]


def _taken(costs: Collection[StageCost]) -> Taken:
    cpu, wall = [one.cpu_seconds for one in costs], [one.wall_seconds for one in costs]
    return Taken(
        stage=next(iter(costs)).stage,
        gradings=len(costs),
        cpu_median=statistics.median(cpu),
        cpu_most=max(cpu),
        cpu_all=sum(cpu),
        wall_median=statistics.median(wall),
        wall_most=max(wall),
        memory_mb=max(one.memory_mb for one in costs),
    )
