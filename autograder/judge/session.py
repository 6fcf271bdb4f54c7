"""What the rules of one stage share while one submission is graded: files, workers, time."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from autograder.judge.clock import Budget
from autograder.judge.faults import GraderFault, RequestFailed, WorkerEnded
from autograder.judge.import_failure import ImportFailure, try_import
from autograder.judge.parents import Parents
from autograder.judge.staging import Staged
from autograder.judge.worker import Worker
from autograder.protocol.plain import Json
from autograder.rubric.model import Stage
from autograder.sandbox.policy import Limits


class Session:
    """One stage of one submission. Owns its workers; close it, or use it in `with`.

    `keeps_spare` says whether a worker is prepared before it is asked for.
    `stalled` is True once a program has run into its limits: such programs are dear to shorten,
    so that only the first one is. Where nobody reads explanations, `shortens` may be False.
    `lanes` says of each lane why rules cannot use it, or "".
    """

    keeps_spare = True

    def __init__(
        self,
        stage: Stage,
        staged: Staged,
        parents: Parents,
        seed: int,
        shortens: bool = True,
        lanes: Mapping[str, str] | None = None,
    ) -> None:
        self.stage = stage
        self.staged = staged
        self.seed = seed
        self.shortens = shortens
        self.lanes = lanes or {}
        self.stalled = False
        self._parents = parents
        self._workers: list[Worker] = []
        self._spare: tuple[Worker, int] | None = None
        self._until = time.monotonic() + stage.limits.stage_wall_seconds
        self._failures: Mapping[str, ImportFailure] | None = None
        self._asked: dict[tuple[object, ...], Json] = {}

    @property
    def budget(self) -> Budget:
        """What one program may cost."""
        limits = self.stage.limits
        return Budget(
            limits.program_cpu_seconds, limits.program_wall_seconds, limits.memory_mb << 20
        )

    @property
    def time_is_up(self) -> bool:
        """The stage's wall seconds are used up; no further rule is started."""
        return time.monotonic() > self._until

    @property
    def import_failures(self) -> Mapping[str, ImportFailure]:
        """Modules that cannot be imported, by name. Tried once, in workers of their own."""
        if self._failures is None:
            self._failures = {} if self._all_import() else self._failing_imports()
        return self._failures

    def new_worker(self) -> Worker:
        """A fresh worker with every importable module of the submission loaded.

        The one after it is begun at once, so that it gets ready while this one is judged.

        Raises:
            GraderFault: it could not be had.
            WorkerEnded: the submission, importable before, ended it while being imported.
        """
        failures = self.import_failures
        usable = [name for name in self._module_names if name not in failures]
        worker, loading = self._spare or self._begin(usable)
        self._spare = None
        worker.receive(loading, self.budget)
        if self.keeps_spare:
            self._spare = self._begin(usable)
        return worker

    def restart(self) -> None:
        """Replace the warm parent, after a grader fault."""
        self.close()
        self._parents.renew(self.stage.needs)

    def close(self) -> None:
        """End all workers that are left."""
        for worker in self._workers:
            with suppress(GraderFault):  # its parent is gone, and took it along
                worker.close()
        self._workers, self._spare = [], None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _module_names(self) -> list[str]:
        return [Path(name).stem for name in self.stage.modules]

    def _begin(self, modules: list[str]) -> tuple[Worker, int]:
        """A worker that has been told to load modules, and the request's id."""
        worker = self._fork()
        return worker, worker.post("load", {"modules": modules}, self.budget)

    def ask_aside(
        self,
        preload: tuple[str, ...],
        ask: tuple[str, str],
        budget: Budget,
        given: Mapping[str, Json] | None = None,
    ) -> Json:
        """Have a function of the grader's own look at the submission, in a worker of another kind.

        Asked for again, the answer is the same: it must follow from submission and arguments.

        Args:
            preload: modules that the worker's parent imports, that of the function among them.
            ask: module and name of the function; it gets the folder that holds `pagedlab`.
            budget: what that may cost.
            given: further arguments of the function.

        Raises: as `Worker.request`, and what `worker_aside` raises.
        """
        key = (preload, ask, json.dumps(dict(given or {}), sort_keys=True))
        if key not in self._asked:
            worker = self.worker_aside(preload, budget)
            args: dict[str, Json] = {"stage_dir": str(self.staged.folder), **(given or {})}
            call: dict[str, Json] = {"module": ask[0], "function": ask[1], "args": args}
            try:
                self._asked[key] = worker.request("call", call, budget)
            finally:
                worker.close()
        return self._asked[key]

    def worker_aside(
        self, preload: tuple[str, ...], budget: Budget, devices: Sequence[str] = ()
    ) -> Worker:
        """A worker of another kind, for somebody to close, that may use some devices.

        It has imported nothing of the submission's yet. Raises GraderFault if there is none.
        """
        confined = replace(self._limits, memory_bytes=budget.memory_bytes)
        return Worker(self._parents.of(preload), self.staged.folder, confined, devices=devices)

    @property
    def _limits(self) -> Limits:
        limits = self.stage.limits
        return Limits(
            memory_bytes=limits.memory_mb << 20,
            processes=limits.processes,
            file_bytes=limits.file_mb << 20,
            cpu_seconds=int(limits.stage_wall_seconds),
            address_space=limits.address_space,
        )

    def _fork(self) -> Worker:
        parent = self._parents.of(self.stage.needs)
        worker = Worker(parent, self.staged.folder, self._limits)
        self._workers.append(worker)
        return worker

    def _all_import(self) -> bool:
        """True if one worker can import all modules: the usual case, for the price of one."""
        if self.staged.problems:
            return False
        names = self._module_names
        worker, loading = self._begin(names)
        try:
            all_well = worker.receive(loading, self.budget) == dict.fromkeys(names)
        except (WorkerEnded, RequestFailed):
            all_well = False
        if all_well and self.keeps_spare:
            self._spare = worker, worker.post("load", {"modules": names}, self.budget)
        else:
            worker.close()
        return all_well

    def _failing_imports(self) -> Mapping[str, ImportFailure]:
        problems, budget = self.staged.problems, self.budget
        tried = [try_import(name, problems, self._fork, budget) for name in self._module_names]
        return {failure.module: failure for failure in tried if failure}
