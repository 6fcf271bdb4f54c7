"""What a batch asks of its grader processes, wherever they run, and how an attempt may end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from autograder.batch.run.task import Task

TICK_SECONDS = 1.0
Tick = Callable[[list[Task]], None]
Told = Callable[[Task, int, float], None]


class End(StrEnum):
    """How an attempt at a task ended."""

    DONE = "done"
    FAULT = "fault"
    DIED = "died"
    TIMEOUT = "timeout"


@dataclass(frozen=True)
class Ended:
    """An attempt at a task.

    Attributes:
        undecided: rules that are left open by a grader's fault.
        why: what is known of an end that is not `DONE`, beyond its word.
    """

    task: Task
    end: End
    undecided: int = 0
    why: str = ""


class Graders(Protocol):
    """Grader processes, wherever they run."""

    busy_seconds: float
    """For how long the processes have had a task, all of them together; 0 if it is not known."""

    def run(self, tasks: Iterable[Task], tick: Tick = ..., told: Told = ...) -> Iterator[Ended]:
        """Work through tasks; gives each attempt as it ends, in the order of their ends.

        Args:
            tasks: handed out in this order.
            tick: called with the tasks at work, about once a second and at every change.
            told: called with the task, number and seconds of each decided stage.
        """

    def begin(self, tasks: Iterable[Task]) -> None:
        """Hand out tasks that `check` will wait for, as far as there are processes without one."""

    def check(self, known: Sequence[Task]) -> list[str]:
        """Grade what is known, wherever students' work is graded.

        Returns:
            What is wrong with machines, as far as the logs of these tasks do not say it.
        """
