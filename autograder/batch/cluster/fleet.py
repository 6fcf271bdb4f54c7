"""The workers that an engine was asked for: how many are here, and what to do about the others."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from distributed import Client

from autograder.batch.cluster.engines import ask_for, first_words
from autograder.batch.cluster.options import ClusterError, Options

LOOK_SECONDS = 10.0
"""How often we see whether workers are missing."""
MOST_OVER = 3
"""Jobs that may end without a worker in a row, while there is none."""


class Fleet:
    """Keeps as many workers as were asked for, less those that are not fit.

    Args:
        cluster: Dask's, which has asked for all of them once. Not owned.
        client: to talk to its scheduler. Not owned.
        options: what is asked for.
        jobs: where the jobs' output stands.
        say: tells a waiting person.
    """

    def __init__(
        self, cluster: Any, client: Client, options: Options, jobs: Path, say: Callable[[str], None]
    ) -> None:
        self._cluster, self._client, self._options = cluster, client, options
        self._jobs, self._say = jobs, say
        self._target = options.workers
        self._over = 0
        self._said: set[str] = set()
        self._next_look = time.monotonic() + LOOK_SECONDS

    def workers(self) -> dict[str, Any]:
        """What the scheduler knows of the workers that are here, by address."""
        workers: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return workers

    def room(self) -> int:
        """How many tasks can be at work: as many as there are workers, and at least one.

        Now and then it asks for those that were lost.

        Raises:
            ClusterError: there is none, and the engine gives none.
        """
        here = len(self.workers())
        now = time.monotonic()
        if now > self._next_look:
            self._next_look = now + LOOK_SECONDS
            if here < self._target:
                self._ask_again(here)
        return max(1, here)

    def leave_out(self, worker: object, why: str) -> None:
        """Do without a worker whose machine is not fit.

        Raises:
            ClusterError: none is left.
        """
        self._say(f"worker {worker} is left out: {why}")
        self._target -= 1
        if not self._target:
            raise ClusterError(f"no machine of the cluster is fit to grade: {why}")
        self._cluster.sync(self._cluster.scale_down, [worker])

    def _ask_again(self, here: int) -> None:
        over = 0
        try:
            over = ask_for(self._cluster, self._options, self._target)
        except (OSError, RuntimeError, ValueError) as error:
            if not here:
                raise ClusterError(f"the cluster takes no jobs: {first_words(error)}") from error
            self._say_once(f"the cluster takes no further job: {first_words(error)}")
        self._over = 0 if here else self._over + over
        if self._over > MOST_OVER:
            raise ClusterError(f"jobs end before their workers are here{self._last_words()}")
        if not here:
            self._say_once(f"no worker is here yet; what jobs print stands in {self._jobs}")

    def _last_words(self) -> str:
        files = sorted(self._jobs.glob("*.err"), key=lambda file: file.stat().st_mtime)
        lines = files[-1].read_text(errors="replace").split("\n") if files else []
        said = [line for line in lines if line.strip()]
        return f": {said[-1][:300]} ({files[-1]})" if said else ""

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._say(text)
