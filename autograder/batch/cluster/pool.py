"""A pool of grader processes on a cluster. It does what the local one does, from farther away."""

from __future__ import annotations

import os
import shutil
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from distributed import Client, Future, KilledWorker, wait

from autograder.batch.cluster import node
from autograder.batch.cluster.engines import RETRIES, start
from autograder.batch.cluster.fleet import Fleet
from autograder.batch.cluster.keys import make_keys
from autograder.batch.cluster.options import Options
from autograder.batch.cluster.terms import Terms
from autograder.batch.run.graders import TICK_SECONDS, End, Ended, Tick, Told
from autograder.batch.run.log import progress
from autograder.batch.run.task import Task


class ClusterPool:
    """Owns Dask's scheduler in this process, and the jobs it asked for. Use it in `with`."""

    def __init__(self, terms: Terms, options: Options, scratch: Path, stream: TextIO) -> None:
        self._terms, self._options, self._scratch = terms, options, scratch
        self._stream = stream
        self._known: list[Task] = []
        self._given: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()
        self.busy_seconds = 0.0

    def __enter__(self) -> ClusterPool:
        terms = self._terms
        for place in (terms.session.parent, terms.jobs):
            shutil.rmtree(place, ignore_errors=True)  # of a batch that was killed: we have its lock
            place.mkdir(mode=0o700, parents=True)
        (terms.session / "parts").mkdir(mode=0o700, parents=True)
        security = make_keys(terms.session / "keys")
        try:
            self._cluster: Any = start(
                self._options, security, terms.jobs, terms.code, self._scratch
            )
            self._client = Client(self._cluster, security=security)
            self._client.register_plugin(node.Node(terms))
        except BaseException:
            shutil.rmtree(terms.session.parent)  # jobs without keys end by themselves
            raise
        self._fleet = Fleet(self._cluster, self._client, self._options, terms.jobs, self._say)
        self._say(f"asked {self._options.engine} for {self._options.workers} workers, over TLS")
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._cluster.close()
        shutil.rmtree(self._terms.session.parent, ignore_errors=True)

    def run(
        self, tasks: Iterable[Task], tick: Tick = lambda busy: None, told: Told = lambda *_: None
    ) -> Iterator[Ended]:
        """See `Graders.run`. As many are at work as there are workers now."""
        left, flying = deque(tasks), dict[Future, Task]()
        while left or flying:
            room = self._fleet.room()
            while left and len(flying) < room:
                task = left.popleft()
                flying[self._submit(task)] = task
            tick(list(flying.values()))
            for future in self._landed(flying):
                task = flying.pop(future)
                ended = self._ended(future, task)
                if ended is None:
                    left.append(task)
                else:
                    for cost in progress(Path(task.log)).costs:
                        told(task, cost.stage, cost.wall_seconds)
                    yield ended

    def begin(self, tasks: Iterable[Task]) -> None:
        """See `Graders.begin`. Workers come when they come."""

    def check(self, known: Sequence[Task]) -> list[str]:
        """See `Graders.check`. From the first time on, each node has to pass before it grades."""
        for _ in self.run(known):
            pass
        first, self._known = not self._known, [self._whole(task) for task in known]
        if first:
            return []
        hosts = {one["host"]: address for address, one in self._fleet.workers().items()}
        futures: list[Future] = [
            self._client.submit(
                node.check, self._known, workers=[address], allow_other_workers=True, pure=False
            )
            for address in hosts.values()
        ]
        while len(self._landed(futures)) < len(futures):
            self._fleet.room()
        return [problem for future in futures for problem in self._problems(future)]

    def _submit(self, task: Task) -> Future:
        self._given[task.name] += 1
        return self._client.submit(
            node.grade,
            self._whole(task),
            self._known,
            key=f"{task.name}-{self._given[task.name]}",
            pure=False,
        )

    def _whole(self, task: Task) -> Task:
        return replace(
            task, log=os.path.abspath(task.log), submission=os.path.abspath(task.submission)
        )

    def _landed(self, flying: Collection[Future]) -> list[Future]:
        try:
            wait(list(flying), timeout=TICK_SECONDS, return_when="FIRST_COMPLETED")
        except TimeoutError:
            return []
        return [future for future in flying if future.done()]

    def _ended(self, future: Future, task: Task) -> Ended | None:
        """How an attempt ended; None if there was none, and another worker has to make it."""
        if future.status == "finished":
            answer: node.Answer = future.result()
            if answer.unfit:
                self._fleet.leave_out(answer.worker, answer.unfit)
                return None
            return Ended(task, answer.end, answer.undecided, answer.why)
        error = future.exception() if future.status == "error" else None
        self._lost[task.name] += 1
        if not isinstance(error, KilledWorker) and self._lost[task.name] <= RETRIES:
            return None
        self._lost[task.name] = 0
        more = "" if error is None or isinstance(error, KilledWorker) else f" ({error})"
        why = f"{RETRIES + 1} workers of the cluster were lost with it{more}"
        return Ended(task, End.DIED, why=why)

    def _problems(self, future: Future) -> list[str]:
        if future.status == "finished":
            problems: list[str] = future.result()
            return problems
        error = future.exception() if future.status == "error" else None
        if error is None or isinstance(error, KilledWorker | node.Leaving):
            return []  # a machine that is gone does no more harm
        return [f"a machine could not be checked ({error})"]

    def _say(self, text: str) -> None:
        live = "\r\x1b[K" if self._stream.isatty() else ""
        self._stream.write(f"{live}  {text}\n")
        self._stream.flush()
