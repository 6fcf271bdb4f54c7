"""When a batch is likely to be through: by what each stage has taken so far, and what is left."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection

from autograder.batch.run.task import Task


class Pace:
    """Learns what each stage takes, and counts which are left.

    A stage that nobody is through with yet is taken for as long as the others are on average.
    """

    def __init__(self, tasks: Collection[Task], slots: int) -> None:
        self._left = Counter(stage for task in tasks for stage in task.stages)
        self._open = {task.name: set(task.stages) for task in tasks}
        self._slots = slots
        self._seconds: dict[int, list[float]] = {}

    def stage(self, task: Task, number: int, seconds: float) -> None:
        """A stage of a task is through; it took so long on the clock."""
        self._seconds.setdefault(number, []).append(seconds)
        if number in self._open.get(task.name, ()):
            self._open[task.name].remove(number)
            self._left[number] -= 1

    def ended(self, task: Task) -> None:
        """A task is through; of what was left of it nothing will come."""
        for number in tuple(self._open.pop(task.name, ())):
            self._left[number] -= 1

    @property
    def seconds_left(self) -> float | None:
        """On the clock; None as long as nothing is known, or if nothing is left."""
        left = +self._left
        if not self._seconds or not left:
            return None
        means = {number: statistics.fmean(took) for number, took in self._seconds.items()}
        others = statistics.fmean(means.values())
        work = sum(count * means.get(number, others) for number, count in left.items())
        return work / min(self._slots, sum(map(bool, self._open.values())) or 1)
