"""A grader process of the batch: takes tasks from a socket, one at a time, and says how it goes.

    batch -> grader   a task
    grader -> batch   {"stage": number, "seconds": x} for each decided stage,
                      {"done": true, "faults": n}

It dies with the batch. What it has decided is in the task's log by then.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.batch.run.log import add, add_outcome
from autograder.batch.run.task import Task
from autograder.judge.grade import Job, grade_stage
from autograder.judge.parents import Parents
from autograder.judge.usage import tree_cpu_seconds
from autograder.rubric.load import load_course
from autograder.rubric.model import Course
from autograder.sandbox import syscalls
from autograder.sandbox.isolation import Isolation, Layer, Tier
from autograder.scoring.outcome import Outcome, Status

SHARED = ("static", "student_tests")
"""Parts of the cache that are named by content. mypy's own is one process's alone."""


class Grader:
    """Grades tasks with parents that stay warm as long as they are beyond doubt."""

    def __init__(self, root: Path, cache: Path, isolation: Isolation) -> None:
        self._root, self._cache, self._isolation = root, cache, isolation
        self._course: Course = load_course(root / "assignments")
        self._parents = Parents(isolation)

    def grade(self, task: Task) -> Iterator[dict[str, Any]]:
        """Grade a task, and give what the batch is to be told."""
        faults = 0
        for number in task.stages:
            start, cpu = time.monotonic(), _cpu_seconds()
            errors: list[str] = []

            def record(outcome: Outcome, errors: list[str] = errors) -> None:
                add_outcome(Path(task.log), outcome)
                if outcome.status is Status.ERROR:
                    errors.append(outcome.rule)

            submission, stages = Path(task.submission), self._course.stages
            job = Job(
                self._root,
                submission,
                self._parents,
                task.seed,
                self._cache,
                frozenset(),
                stages,
            )
            grade_stage(job, self._course.stage(number), record)
            seconds = round(time.monotonic() - start, 3)
            add(
                Path(task.log),
                "stage",
                stage=number,
                session=task.session,
                cpu_seconds=round(_cpu_seconds() - cpu, 3),
                wall_seconds=seconds,
                memory_mb=self._parents.take_largest_mb(),
            )
            faults += len(errors)
            yield {"stage": number, "seconds": seconds}
        if faults or self._isolation.tier is not Tier.NAMESPACES:
            self._parents.close()
        yield {"done": True, "faults": faults}


def main(argv: list[str]) -> int:
    """Serve tasks until the batch closes the socket."""
    start: dict[str, Any] = json.loads(argv[0])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if syscalls.machine():
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != start["batch"]:
        return 0  # it died before we asked to be told
    tempfile.tempdir = start["scratch"]
    isolation = Isolation(
        Tier(start["tier"]), tuple(start["facts"]), frozenset(map(Layer, start["layers"]))
    )
    grader = Grader(
        Path(start["root"]), own_cache(Path(start["cache"]), Path(start["own"])), isolation
    )
    with socket.socket(fileno=start["fd"]) as channel, channel.makefile("rb") as lines:
        for line in lines:
            for message in grader.grade(Task.from_json(json.loads(line))):
                channel.sendall(json.dumps(message).encode() + b"\n")
    grader._parents.close()
    return 0


def own_cache(shared: Path, own: Path) -> Path:
    """Make `own` a folder of this process, in which what is named by content is everybody's."""
    own.mkdir(parents=True, exist_ok=True)
    for name in SHARED:
        (shared / name).mkdir(parents=True, exist_ok=True)
        if not (own / name).is_symlink():
            target = os.path.relpath((shared / name).resolve(), own.resolve())
            (own / name).symlink_to(target)
    return own


def _cpu_seconds() -> float:
    """CPU time of this process, of what it has started, and of what those have waited for."""
    times = os.times()
    return (
        times.user
        + times.system
        + times.children_user
        + times.children_system
        + (tree_cpu_seconds(os.getpid()))
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
