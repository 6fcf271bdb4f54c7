"""What a batch did, and what it took."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass
class Report:
    """What a batch did.

    Attributes:
        unhealthy: what was wrong with the reference's or the starter's grade, and when.
        graded: attempts that it made.
        seconds: on the clock, from the intake to the health check at the end.
        cpu_seconds: of this process and of all that it has started.
        busy: share of that time for which the grader processes had work, 0 ... 1.
    """

    unhealthy: list[str] = field(default_factory=list)
    refused: bool = False
    graded: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    busy: float = 0.0

    def costs(self) -> dict[str, float]:
        """What is written down of it."""
        figures = {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds, "busy": self.busy}
        return {"graded": self.graded, **{key: round(value, 3) for key, value in figures.items()}}


def cpu_seconds() -> float:
    """CPU time of this process, and of those below it that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
