"""The worker that a stage's performance rules share, and what they ask it to measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from autograder.judge.clock import Budget
from autograder.judge.counted import Counted, Verify, WrongOutputs
from autograder.judge.faults import GraderFault, RequestFailed, WorkerEnded
from autograder.judge.session import Session
from autograder.judge.worker import Worker
from autograder.protocol.plain import Json
from autograder.rubric.model import Rule

BUDGET = Budget(cpu_seconds=10.0, wall_seconds=60.0, memory_bytes=1 << 30)

TOO_SLOW = (
    "nothing could be measured: to set up {sizes.large:,} {sizes.of} took over"
    f" {BUDGET.cpu_seconds:g} s of CPU time; one of the calls in it does work that grows with"
    " their number"
)

Ask = Callable[[Json], Json]
"""Sends one message to the stage's meter and gives its untrusted reply."""


class Costs:
    """One worker that holds the stage's state at both sizes, for all performance rules."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sizes = session.stage.sizes
        self._budget = replace(BUDGET, memory_bytes=session.budget.memory_bytes)
        self._worker: Worker | None = None
        self._pending: int | None = None
        self._too_slow: WorkerEnded | None = None

    def start(self) -> None:
        """Begin to build the large state while the judge does other things."""
        if self._worker is not None:
            return
        try:
            self._worker = self._session.new_worker()
            self._pending = self._post_large(self._worker)
        except (WorkerEnded, RequestFailed, GraderFault):
            self.close()

    def measure(self, rule: Rule, cycle: Sequence[str], verify: Verify) -> Mapping[str, float]:
        """Measure a rule's case: its amount, if the rule has a unit, or else its growth.

        Growth: run the case at both sizes; count steps in one round, take seconds in others.

        Args:
            rule: its case is the slice of `cycle` that is measured.
            cycle: slices to run in this order; they leave the state as they found it.
            verify: applied to the outputs of every measured slice.

        Returns:
            `amount`; or `steps_small`, `steps_large`, `seconds_small`, `seconds_large`; the
            seconds are the fastest of a few interleaved rounds, and missing where the steps said
            enough.

        Raises:
            WrongOutputs: `verify` found something.
            WorkerEnded: the submission ended its worker.
            RequestFailed: the submission raised.
        """
        counted = Counted(self._ready(), self._budget, self._sizes)
        try:
            if rule.unit:
                return {"amount": counted.amount(rule.case, cycle, verify)}
            measured = counted.growth(rule.case, cycle, verify)
        except (WorkerEnded, RequestFailed):
            self.close()
            raise
        if "seconds_large" not in measured:
            self.close()  # stopped in the middle: the state is of no more use
        return measured

    def converse(self, talk: Callable[[Ask], float]) -> Mapping[str, float]:
        """Let the judge reveal work bit by bit, and find the amount in what comes back.

        Args:
            talk: asks as often as it likes, checks every reply, and gives the amount.

        Returns:
            `amount`, and `least`: 0, for `talk` worked the amount out by itself from work that it
            checked. Whatever comes out, even nothing, can be done.

        Raises:
            WrongOutputs: `talk` found something, or a reply is of another shape than it expects.
            WorkerEnded: the submission ended its worker.
            RequestFailed: the submission raised.
        """
        worker = self._ready()

        def ask(message: Json) -> Json:
            return worker.request("converse", {"message": message}, self._budget)

        try:
            return {"amount": talk(ask), "least": 0.0}
        except (KeyError, TypeError, ValueError, IndexError):
            raise WrongOutputs("an answer of another shape than agreed") from None
        except (WorkerEnded, RequestFailed):
            self.close()
            raise

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.close()
        self._worker = self._pending = None

    def _ready(self) -> Worker:
        if self._too_slow is not None:
            raise self._too_slow
        self.start()
        if self._worker is None:
            self._worker = self._session.new_worker()
            self._pending = self._post_large(self._worker)
        if self._pending is not None:
            pending, self._pending = self._pending, None
            try:
                self._worker.receive(pending, self._budget)
                self._worker.request("prepare", {"size": self._sizes.small}, self._budget)
            except (WorkerEnded, RequestFailed) as ended:
                self.close()
                if isinstance(ended, WorkerEnded) and ended.kind == "timeout":
                    self._too_slow = WorkerEnded("timeout", TOO_SLOW.format(sizes=self._sizes))
                    raise self._too_slow from None
                raise
        return self._worker

    def _post_large(self, worker: Worker) -> int:
        return worker.post("prepare", {"size": self._sizes.large}, self._budget)
