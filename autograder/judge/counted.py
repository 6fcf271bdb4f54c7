"""Measure what work costs: how it grows from a small size to a large one, or its amount.

Growth is counted in interpreter steps, with the judge's clock as a coarse check. An amount (bytes,
kernels) is counted by the stage's meter in one run at the large size.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograder.judge.clock import Budget
from autograder.judge.worker import Worker
from autograder.protocol.plain import Json
from autograder.rubric.model import Sizes
from autograder.scoring.performance import TIME_BAND

TIMED_ROUNDS, MOST_ROUNDS = 3, 12
"""How often work is timed; and how often if it looks too slow, which a busy machine may feign."""
FIRST_LIMIT = 2_000_000
"""Steps of a slice at the small size beyond which nobody's code is worth measuring."""
CLEAR = 4 * TIME_BAND
"""Growth in seconds beyond which two rounds are enough: no noise is as large twice."""
ENOUGH = 16.0
"""Growth at which counting stops: no points are left far below it."""

Verify = Callable[[str, Any], str]
"""Says what is wrong with one slice's outputs, or "". Outputs are untrusted."""


class WrongOutputs(Exception):
    """The timed work did not give what it should: its cost means nothing."""


class Counted:
    """Slices of work in one worker, which has prepared the state at both sizes."""

    def __init__(self, worker: Worker, budget: Budget, sizes: Sizes) -> None:
        self._worker = worker
        self._budget = budget
        self._sizes = sizes

    def amount(self, case: str, cycle: Sequence[str], verify: Verify) -> float:
        """What the meter counted of the case in one run at the large size."""
        amount = 0.0
        for step in cycle:
            limit = FIRST_LIMIT if step == case else 0
            reply, _ = self._work(step, self._sizes.large, limit)
            if step == case:
                _verified(verify, case, reply)
                amount = _amount_in(reply)
        return amount

    def growth(self, case: str, cycle: Sequence[str], verify: Verify) -> Mapping[str, float]:
        """Steps of the case at both sizes, and its seconds in rounds of their own.

        The seconds are the fastest of a few interleaved rounds, and missing where the steps said
        enough.
        """
        sizes = self._sizes
        small = self._count(case, cycle, sizes.small, FIRST_LIMIT, verify)
        if small >= FIRST_LIMIT:
            raise WrongOutputs(f"over {FIRST_LIMIT:,} steps at only {sizes.small:,} {sizes.of}")
        limit = int(small * ENOUGH)
        large = self._count(case, cycle, sizes.large, limit, verify)
        measured = {"steps_small": small, "steps_large": large}
        if large >= limit:
            return measured
        for turn in range(MOST_ROUNDS):
            for name, size in (("small", sizes.small), ("large", sizes.large)):
                for step in cycle:
                    reply, seconds = self._work(step, size, 0)
                    if step == case:
                        key = f"seconds_{name}"
                        measured[key] = min(seconds, measured.get(key, seconds))
                        _verified(verify, case, reply)
            ratio = measured["seconds_large"] / measured["seconds_small"]
            if turn and ratio > CLEAR or turn + 1 >= TIMED_ROUNDS and ratio < TIME_BAND:
                break
        return measured

    def _count(
        self,
        case: str,
        cycle: Sequence[str],
        size: int,
        limit: int,
        verify: Verify,
    ) -> float:
        """Steps of the case at one size; `limit` if it has been stopped there."""
        steps = 0.0
        for step in cycle:
            reply, _ = self._work(step, size, limit if step == case else 0)
            if step == case:
                steps = _steps(reply)
                if steps >= limit:
                    return float(limit)
                _verified(verify, case, reply)
        return steps

    def _work(self, case: str, size: int, most_steps: int) -> tuple[Json, float]:
        args: Mapping[str, Json] = {"case": case, "size": size, "most_steps": most_steps}
        start = time.perf_counter()
        reply = self._worker.request("work", args, self._budget)
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
