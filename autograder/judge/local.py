"""Run the submission in the judge's own process, for debugging. Never for a grade."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.judge.clock import Budget
from autograder.judge.parents import Parents
from autograder.judge.session import Session
from autograder.judge.staging import Staged
from autograder.judge.worker import Worker
from autograder.protocol.plain import Json
from autograder.rubric.model import Stage
from autograder.sandbox.isolation import Isolation, Tier
from autograder.worker.execute import STUDENT_PACKAGE
from autograder.worker.serve import Worker as Serving


class LocalWorker(Worker):
    """Answers the judge's requests in this process: prints show, `breakpoint()` works."""

    def __init__(self, stage_dir: Path, submission: Path) -> None:
        for name in [one for one in sys.modules if one.partition(".")[0] == STUDENT_PACKAGE]:
            del sys.modules[name]
        self._serving = Serving(stage_dir, submission)
        self._reply: Json = None

    def post(self, do: str, args: Mapping[str, Json], budget: Budget) -> int:
        """Carry out a request at once, without limits."""
        self._reply = self._serving.handle(do, args)
        return 0

    def receive(self, request_id: int, budget: Budget) -> Json:
        """The last result."""
        return self._reply

    def close(self) -> int:
        """Nothing to end."""
        return 0


class LocalSession(Session):
    """A session whose workers are this process and whose code is the student's own files."""

    keeps_spare = False

    def __init__(self, stage: Stage, staged: Staged, submission: Path, seed: int) -> None:
        super().__init__(stage, staged, Parents(Isolation(Tier.LIMITS, ("in process",))), seed)
        self._submission = submission

    @property
    def time_is_up(self) -> bool:
        """Never: somebody may sit at a prompt."""
        return False

    def _fork(self) -> Worker:
        for name in self.stage.needs:  # in this order: what a warm parent would have imported
            importlib.import_module(name)
        return LocalWorker(self.staged.folder, self._submission)
