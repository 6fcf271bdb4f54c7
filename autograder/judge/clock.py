"""What a request may cost, and the judge's own measure of what it has cost so far."""

from __future__ import annotations

import time
from dataclasses import dataclass

from autograder.judge.faults import WorkerEnded
from autograder.judge.usage import tree_cpu_seconds
from autograder.sandbox.watch import tree_memory_bytes

POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Budget:
    """What one request may cost. CPU counts the worker and all its children."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int


class Clock:
    """The judge's own measure of what a request has cost so far."""

    def __init__(self, pid: int, budget: Budget) -> None:
        self._pid = pid
        self._budget = budget
        self._start = time.monotonic()
        self._cpu_before: float | None = None

    def exceeded(self) -> WorkerEnded | None:
        """The reason to stop, if there is one. Costs a look at /proc."""
        cpu = tree_cpu_seconds(self._pid)
        if self._cpu_before is None:
            self._cpu_before = max(0.0, cpu - POLL_SECONDS)
        budget, memory = self._budget, tree_memory_bytes(self._pid)
        if memory > budget.memory_bytes:
            used = f"{memory >> 20} MB used, {budget.memory_bytes >> 20} MB allowed"
            return WorkerEnded("memory", used)
        if cpu - self._cpu_before > budget.cpu_seconds:
            return WorkerEnded(
                "timeout",
                f"no answer after {budget.cpu_seconds:g} s of CPU time:"
                " an endless loop, or much printing?",
            )
        return self.overdue()

    def overdue(self) -> WorkerEnded | None:
        """The same by the wall clock alone, for a reply that comes in drops. Costs nothing."""
        if time.monotonic() - self._start > self._budget.wall_seconds:
            seconds = f"{self._budget.wall_seconds:g}"
            return WorkerEnded("timeout", f"no answer within {seconds} seconds")
        return None
