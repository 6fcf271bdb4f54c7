"""A Dask worker's side: it keeps one grader process of the batch, and hands it what it is sent.

Student code runs where it runs in any batch: in confined workers of the grader's warm parent. The
Dask worker reads no submission and runs nothing of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from autograder.batch.cluster.fit import examine, unfit
from autograder.batch.cluster.options import ClusterError
from autograder.batch.cluster.results import begin_part, publish
from autograder.batch.cluster.scratch import Scratch
from autograder.batch.cluster.terms import Terms
from autograder.batch.run.folder import RunFolder
from autograder.batch.run.graders import End, Ended
from autograder.batch.run.health import health_problems
from autograder.batch.run.log import progress
from autograder.batch.run.pool import Pool, Workplace
from autograder.batch.run.task import Task
from autograder.rubric.load import load_course

NAME = "pagedlab"
GRACE_SECONDS = 2.0
"""What ends a whole job ends its processes one after another: so long we wait for our own end."""


class Leaving(Exception):
    """The worker is being ended, and its grader with it: nothing was decided."""


@dataclass(frozen=True)
class Answer:
    """How an attempt went. With `unfit` there was none: this machine must not grade.

    Attributes:
        worker: the engine's name for the worker.
    """

    end: End = End.DONE
    undecided: int = 0
    why: str = ""
    unfit: str = ""
    worker: object = None


class Node(WorkerPlugin):
    """What one Dask worker keeps from its first task to its end."""

    name = NAME

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._pool: Pool | None = None
        self._scratch: Scratch | None = None
        self._closing = threading.Event()

    def __reduce__(self) -> tuple[Any, ...]:
        """Only the terms travel."""
        return Node, (self.terms,)

    def setup(self, worker: object) -> None:
        """An engine that ends a job asks its processes first."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._leave)

    def _leave(self) -> None:
        self.teardown(None)
        os._exit(1)

    def teardown(self, worker: object) -> None:
        """End the grader, and leave nothing on the node."""
        self._closing.set()
        if self._pool is not None:
            self._pool.__exit__()
        if self._scratch is not None:
            self._scratch.close()
        self._pool = self._scratch = None

    def grade(self, task: Task, known: Sequence[Task]) -> Answer:
        """Make an attempt at a task; before the first one, this machine has to show its fitness."""
        host = socket.gethostname()
        try:
            pool = self._pool or self._open(host)
            if wrong := self._first_check(pool, host, known):
                return Answer(unfit=wrong)
        except (ClusterError, OSError) as error:
            self._stay_or_leave()
            return Answer(unfit=str(error))
        ended = self._attempt(pool, task)
        why = f"the grader's process died on it, on {host}: see jobs/{self._said(host).name}"
        return Answer(ended.end, ended.undecided, why if ended.end is End.DIED else "")

    def check(self, known: Sequence[Task]) -> list[str]:
        """What is wrong with grades that are known beforehand, when they are given here."""
        host = socket.gethostname()
        try:
            problems = self._problems(self._pool or self._open(host), known)
        except (ClusterError, OSError) as error:
            self._stay_or_leave()
            problems = [str(error)]
        return [f"on {host}: {problem}" for problem in problems]

    def _open(self, host: str) -> Pool:
        machine = examine(self.terms)
        if wrong := unfit(self.terms, machine):
            raise ClusterError(wrong)
        self._scratch = Scratch()
        scratch = self._scratch.path
        place = Workplace(
            self.terms.root,
            self.terms.cache,
            scratch,
            machine.isolation,
            None,
            self._said(host),
            scratch / "own",
        )
        self._pool = Pool(place, 1)
        return self._pool

    def _said(self, host: str) -> Path:
        return self.terms.jobs / f"graders-{host}.txt"

    def _attempt(self, pool: Pool, task: Task) -> Ended:
        log = Path(task.log)
        left = tuple(one for one in task.stages if one not in progress(log).stages)
        if not left:
            return Ended(task, End.DONE)  # a worker that was given up has done it after all
        part, base = begin_part(self.terms.session, log)
        (ended,) = pool.run([replace(task, log=str(part), stages=left)])
        if ended.end in (End.DIED, End.FAULT):
            self._stay_or_leave()
        publish(part, log, base)
        return ended

    def _first_check(self, pool: Pool, host: str, known: Sequence[Task]) -> str:
        passed = self.terms.session / f"fit-{host}"
        if not known or passed.exists():
            return ""
        problems = self._problems(pool, known)
        if not problems:
            passed.touch()
        return "; ".join(problems)

    def _problems(self, pool: Pool, known: Sequence[Task]) -> list[str]:
        with tempfile.TemporaryDirectory() as place:
            folder = RunFolder(Path(place))
            tasks = []
            for task in known:
                log = folder.log(task.name)
                log.parent.mkdir(exist_ok=True)
                header = Path(task.log).read_bytes().partition(b"\n")[0]
                log.write_bytes(header + b"\n" + json.dumps({"event": "attempt"}).encode() + b"\n")
                tasks.append(replace(task, log=str(log)))
            for _ in pool.run(tasks):
                pass
            course = load_course(self.terms.root / "assignments")
            problems = health_problems(folder, course, tasks)
        if problems:
            self._stay_or_leave()
        return problems

    def _stay_or_leave(self) -> None:
        """Something went wrong here. Whose doing was it?

        Raises:
            Leaving: it was our own end's.
        """
        if self._closing.wait(GRACE_SECONDS):
            raise Leaving("the worker is being ended")


def grade(task: Task, known: Sequence[Task]) -> Answer:
    """Run by Dask on a worker."""
    return replace(_node().grade(task, known), worker=get_worker().name)


def check(known: Sequence[Task]) -> list[str]:
    """Run by Dask on a worker."""
    return _node().check(known)


def _node() -> Node:
    node: Node = get_worker().plugins[NAME]
    return node
