"""The health gate: the reference must get every point and the starter none, before and after."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from autograder.batch.intake.names import Refused
from autograder.batch.intake.snapshot import Sent, take
from autograder.batch.run.folder import RunFolder
from autograder.batch.run.log import progress
from autograder.batch.run.plan import Setting
from autograder.batch.run.state import score
from autograder.batch.run.task import Task
from autograder.rubric.model import Course
from autograder.scoring.events import LogError
from autograder.scoring.outcome import Status

KNOWN = ("reference", "starter")


def health_tasks(
    setting: Setting, root: Path, modules: Collection[str], when: str
) -> tuple[list[Task], list[str]]:
    """Tasks that grade what is known, always anew; and why one of them cannot be graded."""
    tasks, problems = [], []
    for name in KNOWN:
        if not (root / name).is_dir():
            continue
        try:
            snapshot = take([Sent(root / name)], setting.folder.store, modules)
        except Refused as refused:
            problems.append(f"{name}: {refused}")
            continue
        task = setting.task(name, snapshot.content, f"health check {when}")
        if task:
            tasks.append(task)
    return tasks, problems


def health_problems(folder: RunFolder, course: Course, tasks: Collection[Task]) -> list[str]:
    """What is wrong with the grades of what is known; empty if nothing."""
    problems = []
    for task in tasks:
        seen = progress(folder.log(task.name))
        if seen.stopped or not set(task.stages) <= seen.stages:
            problems.append(f"the {task.shown} was not graded to its end: {seen.why or 'it died'}")
            continue
        try:
            run = score(folder, task.name, course)
        except (LogError, KeyError) as error:
            problems.append(f"the {task.shown} was not graded ({error})")
            continue
        faults = [one.rule.id for one in run.rules(Status.ERROR)]
        wanted = run.visible if task.shown == "reference" else 0
        if faults:
            problems.append(f"the {task.shown} has undecided rules: {', '.join(faults[:8])}")
        elif run.score != wanted:
            problems.append(f"the {task.shown} gets {run.score} points, and must get {wanted}")
    return problems
