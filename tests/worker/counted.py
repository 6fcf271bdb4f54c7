"""Counts the steps of a few functions, under whatever Python runs this: the counts as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from autograder.worker.steps import CountingDisturbed, StepCounter, TooManySteps  # noqa: E402


def loop(size: int) -> int:
    total = 0
    for item in range(size):
        total += item
    return total


def comprehension(size: int) -> list[int]:
    return [item + 1 for item in range(size)]


def numbers(size: int) -> Iterator[int]:
    yield from (item for item in range(size))


def generator(size: int) -> int:
    return sum(numbers(size))


def switches_off(size: int) -> None:
    sys.settrace(None)
    monitoring = vars(sys).get("monitoring")
    for tool in range(6) if monitoring else ():
        if monitoring.get_tool(tool):
            monitoring.set_events(tool, 0)


def count(work: Callable[[], object], limit: int = 1_000_000) -> int | str:
    counter = StepCounter(limit)
    try:
        with counter:
            work()
    except (TooManySteps, CountingDisturbed) as error:
        return f"{type(error).__name__} at {counter.count}" if counter.count >= limit else "refused"
    return counter.count


if __name__ == "__main__":
    told = {
        work.__name__: [count(partial(work, size)) for size in (100, 100, 200, 300)]
        for work in (loop, comprehension, generator)
    }
    stopped, refused = count(partial(loop, 100), 50), count(partial(switches_off, 1))
    print(json.dumps({**told, "stopped": stopped, "refused": refused}))
