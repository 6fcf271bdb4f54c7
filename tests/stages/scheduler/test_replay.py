"""The judge's own clock: what it takes from an honest schedule, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder.judge.counted import WrongOutputs
from autograder.worker.serve import Worker
from tests.stages.block_table.bench import running as _running
from tests.stages.scheduler.bench import REFERENCE, STAGE, part

Ask = Callable[[Any], Any]
Change = Callable[[list[Any]], Any]


@pytest.fixture
def ask() -> Iterator[Ask]:
    with _running(REFERENCE, STAGE):
        worker = Worker(STAGE.folder, REFERENCE)
        worker.handle("load", {"modules": ["policies", "scheduler", "queueing"]})
        worker.handle("prepare", {"size": 1})
        yield lambda message: worker.handle("converse", {"message": message})


def server(**changes: Any) -> Any:
    limits = {"blocks": 400, "tokens": 128, "seqs": 16, **changes}
    return part("replay").Server(**limits)


def test_an_honest_schedule_gives_times_and_counts(ask: Ask) -> None:
    replay = part("replay").play(ask, server(), "bursty", 1.2)
    jobs = replay.jobs.values()
    assert all(job.done and job.first_token > 0 for job in jobs)
    assert replay.computed_tokens == sum(len(job.prompt) + job.output - 1 for job in jobs)


def test_shared_prefixes_are_computed_once(ask: Ask) -> None:
    replay = part("replay").play(ask, server(caching=True), "agents", 1.0)
    needed = sum(len(job.prompt) + job.output - 1 for job in replay.jobs.values())
    assert replay.computed_tokens < 0.7 * needed


def once(change: Change) -> Callable[[Ask], Ask]:
    """Changes the first reply that holds a step."""

    def wrap(ask: Ask) -> Ask:
        left = [change]

        def forged(message: Any) -> Any:
            steps = ask(message)
            return left.pop()(steps) if left and steps else steps

        return forged

    return wrap


def first(steps: list[Any]) -> Any:
    return steps[0][0][0]


def rewrite(steps: list[Any], place: int, value: Any) -> list[Any]:
    first(steps)[place] = value
    return steps


FORGED: dict[str, Change] = {
    "a step twice": lambda steps: [steps[0], *steps],
    "no step": lambda steps: [],
    "a request that has not arrived": lambda steps: rewrite(steps, 0, "r299"),
    "a request that nobody knows": lambda steps: rewrite(steps, 0, "x"),
    "no tokens": lambda steps: rewrite(steps, 1, 0),
    "more tokens than there are": lambda steps: rewrite(steps, 1, 10**6),
    "half a token": lambda steps: rewrite(steps, 1, 0.5),
    "a prefix that nobody computed": lambda steps: rewrite(steps, 2, 16),
    "a negative position": lambda steps: rewrite(steps, 2, -16),
    "a victim that does not run": lambda steps: [[steps[0][0], ["r0"]], *steps[1:]],
    "a request twice in a step": lambda steps: [[steps[0][0] * 2, []], *steps[1:]],
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_schedule_is_refused(ask: Ask, name: str) -> None:
    with pytest.raises(WrongOutputs):
        part("replay").play(once(FORGED[name])(ask), server(), "bursty", 1.2)


@pytest.mark.parametrize("limit", [{"tokens": 64}, {"seqs": 4}, {"blocks": 50}])
def test_a_schedule_beyond_the_limits_is_refused(ask: Ask, limit: dict[str, int]) -> None:
    def more_generous(message: Any) -> Any:
        if "server" in message:
            message = {**message, "server": {**message["server"], **dict(tokens=128, seqs=16)}}
            message["server"]["blocks"] = 400
        return ask(message)

    with pytest.raises(WrongOutputs):
        part("replay").play(more_generous, server(**limit), "steady", 0.0)
