"""The batch's work itself: tasks to their end, and the health check around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.batch.run import log
from autograder.batch.run.display import Display
from autograder.batch.run.graders import End, Ended, Graders
from autograder.batch.run.health import health_problems, health_tasks
from autograder.batch.run.plan import MOST_ATTEMPTS, Setting
from autograder.batch.run.state import RowStatus
from autograder.batch.run.taking_in import modules_of
from autograder.batch.run.task import Task

DIED = "the grader's process died on it: see graders.txt"


@dataclass(frozen=True)
class Check:
    """A health check, "before" or "after" the batch: what is graded, and what is wrong already."""

    when: str
    tasks: Sequence[Task]
    problems: Sequence[str]


def begin_check(root: Path, setting: Setting, when: str) -> Check:
    """Make the tasks that grade what is known. Nobody works at them yet."""
    return Check(when, *health_tasks(setting, root, modules_of(setting.course), when))


def end_check(
    check: Check, setting: Setting, pool: Graders, also: Collection[str] = ()
) -> list[str]:
    """Have what is known graded, and give what is wrong with its grades, one line each.

    Args:
        check: what was begun.
        setting: of the batch.
        pool: does the work, if it has not done it yet.
        also: earlier sessions that the check stands for, too.
    """
    problems = [*check.problems, *pool.check(check.tasks)]
    problems += health_problems(setting.folder, setting.course, check.tasks)
    for session in (*also, setting.session):
        setting.folder.note(event="health", session=session, when=check.when, problems=problems)
    return [f"{check.when} the batch: {problem}" for problem in problems]


def attempts(
    setting: Setting, pool: Graders, tasks: Collection[Task], display: Display
) -> Iterable[Ended]:
    """Work through tasks; where the grader was at fault, once more, after all the others."""
    for _ in range(MOST_ATTEMPTS):
        for ended in pool.run(tasks, display.tick, display.stage):
            stopped = {
                End.TIMEOUT: (RowStatus.TIMEOUT, f"took over {ended.task.seconds:.0f} s in all"),
                End.DIED: (RowStatus.INFRA, ended.why or DIED),
            }
            if ended.end in stopped:
                status, why = stopped[ended.end]
                log.add(Path(ended.task.log), "stopped", status=status, why=why)
            yield ended
        left = (setting.task(one.shown, Path(one.submission).name) for one in tasks)
        tasks = [one for one in left if one]


def word_for(ended: Ended) -> str:
    """What a waiting person is told of an attempt; nothing if all is well."""
    words = {
        End.DONE: "",
        End.FAULT: f"{ended.undecided} rules undecided by a grader's fault",
        End.DIED: "the grader's process died on it",
        End.TIMEOUT: "took too long, and was stopped",
    }
    return f"{ended.task.shown}: {words[ended.end]}" if words[ended.end] else ""
