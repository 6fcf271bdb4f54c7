"""Measure what work costs: how it grows from a small size to a large one, or its amount.

Growth is counted in interpreter steps, with the judge's clock as a coarse check. An amount (bytes,
kernels) is counted by the stage's meter in one run at the large size.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograder.judge.clock import Budget
from autograder.judge.faults import GraderFault, RequestFailed, WorkerEnded
from autograder.judge.session import Session
from autograder.judge.worker import Worker
from autograder.protocol.plain import Json
from autograder.rubric.model import Rule
from autograder.scoring.performance import TIME_BAND

TIMED_ROUNDS = 3
FIRST_LIMIT = 2_000_000
"""Steps of a slice at the small size beyond which nobody's code is worth measuring."""
CLEAR = 4 * TIME_BAND
"""Growth in seconds beyond which two rounds are enough: no noise is as large twice."""
ENOUGH = 16.0
"""Growth at which counting stops: no points are left far below it."""
BUDGET = Budget(cpu_seconds=10.0, wall_seconds=60.0, memory_bytes=1 << 30)

TOO_SLOW = (
    "nothing could be measured: to set up {sizes.large:,} {sizes.of} took over"
    f" {BUDGET.cpu_seconds:g} s of CPU time; one of the calls in it does work that grows with"
    " their number"
)

Verify = Callable[[str, Any], str]
"""Says what is wrong with one slice's outputs, or "". Outputs are untrusted."""

Ask = Callable[[Json], Json]
"""Sends one message to the stage's meter and gives its untrusted reply."""


class WrongOutputs(Exception):
    """The timed work did not give what it should: its cost means nothing."""


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
        worker = self._ready()
        try:
            if rule.unit:
                return {"amount": self._amount(worker, rule.case, cycle, verify)}
            return self._growth(worker, rule.case, cycle, verify)
        except (WorkerEnded, RequestFailed):
            self.close()
            raise

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

    def _amount(self, worker: Worker, case: str, cycle: Sequence[str], verify: Verify) -> float:
        """What the meter counted of the case in one run at the large size."""
        amount = 0.0
        for step in cycle:
            limit = FIRST_LIMIT if step == case else 0
            reply, _ = self._work(worker, step, self._sizes.large, limit)
            if step == case:
                _verified(verify, case, reply)
                amount = _amount_in(reply)
        return amount

    def _growth(
        self, worker: Worker, case: str, cycle: Sequence[str], verify: Verify
    ) -> Mapping[str, float]:
        sizes = self._sizes
        small = self._count(worker, case, cycle, sizes.small, FIRST_LIMIT, verify)
        if small >= FIRST_LIMIT:
            raise WrongOutputs(f"over {FIRST_LIMIT:,} steps at only {sizes.small:,} {sizes.of}")
        limit = int(small * ENOUGH)
        large = self._count(worker, case, cycle, sizes.large, limit, verify)
        measured = {"steps_small": small, "steps_large": large}
        if large >= limit:
            self.close()  # stopped in the middle: the state is of no more use
            return measured
        for turn in range(TIMED_ROUNDS):
            for name, size in (("small", sizes.small), ("large", sizes.large)):
                for step in cycle:
                    reply, seconds = self._work(worker, step, size, 0)
                    if step == case:
                        key = f"seconds_{name}"
                        measured[key] = min(seconds, measured.get(key, seconds))
                        _verified(verify, case, reply)
            if turn and measured["seconds_large"] > CLEAR * measured["seconds_small"]:
                break
        return measured

    def _count(
        self,
        worker: Worker,
        case: str,
        cycle: Sequence[str],
        size: int,
        limit: int,
        verify: Verify,
    ) -> float:
        """Steps of the case at one size; `limit` if it has been stopped there."""
        steps = 0.0
        for step in cycle:
            reply, _ = self._work(worker, step, size, limit if step == case else 0)
            if step == case:
                steps = _steps(reply)
                if steps >= limit:
                    return float(limit)
                _verified(verify, case, reply)
        return steps

    def _work(self, worker: Worker, case: str, size: int, most_steps: int) -> tuple[Json, float]:
        args: Mapping[str, Json] = {"case": case, "size": size, "most_steps": most_steps}
        start = time.perf_counter()
        reply = worker.request("work", args, self._budget)
        return reply, time.perf_counter() - start


def _steps(reply: Json) -> float:
    steps = reply.get("steps") if isinstance(reply, dict) else None
    if type(steps) is not int or steps <= 0:
        raise WrongOutputs("no steps were counted")
    return float(steps)


def _amount_in(reply: Json) -> float:
    amount = reply.get("amount") if isinstance(reply, dict) else None
    if isinstance(amount, bool) or not isinstance(amount, (int, float)) or amount <= 0:
        raise WrongOutputs("no amount was counted")
    return float(amount)


def _verified(verify: Verify, case: str, reply: Json) -> None:
    try:
        wrong = verify(case, reply["outputs"])  # type: ignore[index, call-overload]
    except (KeyError, TypeError, ValueError, IndexError):
        wrong = "outputs of another shape than agreed"
    if wrong:
        raise WrongOutputs(wrong)
