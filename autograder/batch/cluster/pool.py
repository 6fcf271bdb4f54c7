"""A pool of grader processes on a cluster. It does what the local one does, from farther away."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from distributed import Client, Future, KilledWorker, wait

from autograder.batch.cluster import node
from autograder.batch.cluster.engines import RETRIES, ask_for, first_words, start
from autograder.batch.cluster.keys import make_keys
from autograder.batch.cluster.options import ClusterError, Options
from autograder.batch.cluster.terms import Terms
from autograder.batch.run.graders import TICK_SECONDS, End, Ended
from autograder.batch.run.task import Task

LOOK_SECONDS = 10.0
"""How often we see whether workers are missing."""


class ClusterPool:
    """Owns Dask's scheduler in this process, and the jobs it asked for. Use it in `with`."""

    def __init__(self, terms: Terms, options: Options, scratch: Path, stream: TextIO) -> None:
        self._terms, self._options, self._scratch = terms, options, scratch
        self._stream = stream
        self._target = options.workers
        self._known: list[Task] = []
        self._given: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()
        self._next_look = time.monotonic() + LOOK_SECONDS
        self._said: set[str] = set()

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
        except ClusterError:
            shutil.rmtree(terms.session.parent)
            raise
        self._client = Client(self._cluster, security=security)
        self._client.register_plugin(node.Node(terms))
        self._say(f"asked {self._options.engine} for {self._target} workers, over TLS")
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._cluster.close()
        shutil.rmtree(self._terms.session.parent, ignore_errors=True)

    def run(
        self, tasks: Iterable[Task], tick: Callable[[list[Task]], None] = lambda busy: None
    ) -> Iterator[Ended]:
        """See `Graders.run`. As many are at work as there are workers now."""
        left, flying = deque(tasks), dict[Future, Task]()
        while left or flying:
            room = self._room()
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
                    yield ended

    def check(self, known: Sequence[Task]) -> list[str]:
        """See `Graders.check`. From the first time on, each node has to pass before it grades."""
        for _ in self.run(known):
            pass
        first, self._known = not self._known, [self._whole(task) for task in known]
        if first:
            return []
        hosts = {one["host"]: address for address, one in self._workers().items()}
        futures = [
            self._client.submit(
                node.check, self._known, workers=[address], allow_other_workers=True, pure=False
            )
            for address in hosts.values()
        ]
        wait(futures)
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

    def _landed(self, flying: dict[Future, Task]) -> list[Future]:
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
                self._leave_out(answer)
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

    def _leave_out(self, answer: node.Answer) -> None:
        """Do without a worker whose machine is not fit.

        Raises:
            ClusterError: none is left.
        """
        self._say(f"worker {answer.worker} is left out: {answer.unfit}")
        self._target -= 1
        if not self._target:
            raise ClusterError(f"no machine of the cluster is fit to grade: {answer.unfit}")
        self._cluster.sync(self._cluster.scale_down, [answer.worker])

    def _workers(self) -> dict[str, Any]:
        workers: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return workers

    def _room(self) -> int:
        """How many can be at work: as many as there are workers. Asks for those that were lost."""
        here = len(self._workers())
        now = time.monotonic()
        if now > self._next_look:
            self._next_look = now + LOOK_SECONDS
            if here < self._target:
                self._ask_again(here)
        return max(1, here)

    def _ask_again(self, here: int) -> None:
        try:
            ask_for(self._cluster, self._target)
        except (OSError, RuntimeError, ValueError) as error:
            if not here:
                raise ClusterError(f"the cluster takes no jobs: {first_words(error)}") from error
            self._say_once(f"the cluster takes no further job: {first_words(error)}")
        if not here:
            self._say_once(f"no worker is there yet; what jobs print stands in {self._terms.jobs}")

    def _problems(self, future: Future) -> list[str]:
        if future.status == "finished":
            problems: list[str] = future.result()
            return problems
        return [f"a node was lost in its check ({future.exception()})"]

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._say(text)

    def _say(self, text: str) -> None:
        live = "\r\x1b[K" if self._stream.isatty() else ""
        self._stream.write(f"{live}  {text}\n")
        self._stream.flush()
