"""Workers that cost what a test wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

from autograder.judge.clock import Budget
from autograder.judge.costs import Costs
from autograder.judge.session import Session
from autograder.protocol.plain import Json
from autograder.rubric.model import Axis, Rule, Sizes

SMALL, LARGE = 1_000, 1_000_000
CYCLE = ("free", "allocate")
Work = Callable[..., Json]


def honest(case: str, size: int, most_steps: int) -> Json:
    steps = 500 + size // LARGE if most_steps else 0
    return {"outputs": {"case": case, "size": size}, "steps": steps}


class Worker:
    """Notes what it is asked, and answers from a function."""

    def __init__(self, work: Work) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.closed = False
        self._work = work
        self._pending: dict[int, Json] = {}

    def post(self, do: str, args: Mapping[str, Json], budget: Budget) -> int:
        self.asked.append((do, *args.values()))
        return len(self.asked)

    def receive(self, request_id: int, budget: Budget) -> Json:
        self.asked.append(("received", request_id))
        return None

    def request(self, do: str, args: Mapping[str, Json], budget: Budget) -> Json:
        self.asked.append((do, *args.values()))
        return self._work(*cast(Any, args.values())) if do in ("work", "converse") else None

    def close(self) -> int:
        self.closed = True
        return 0


class Pool:
    """A session that gives such workers, or cannot."""

    budget = Budget(1.0, 10.0, 1 << 30)

    def __init__(self, work: Work = honest) -> None:
        self.stage = SimpleNamespace(sizes=Sizes(SMALL, LARGE, "blocks"))
        self.workers: list[Worker] = []
        self.fault: Exception | None = None
        self._work = work

    def new_worker(self) -> Worker:
        if self.fault is not None:
            raise self.fault
        self.workers.append(Worker(self._work))
        return self.workers[-1]


def costs_of(pool: Pool) -> Costs:
    return Costs(cast(Session, pool))


def rule(case: str, unit: str = "") -> Rule:
    return Rule("1.P1", 1, Axis.PERFORMANCE, "P", "It is cheap", 1, True, case=case, unit=unit)


def fine(case: str, outputs: object) -> str:
    return ""
