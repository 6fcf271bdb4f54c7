"""Counted steps are the same every time, grow with the work, and stop at the limit."""

from __future__ import annotations

import importlib.util
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.worker.steps import StepCounter, TooManySteps

PLENTY = 10_000_000


def loop(size: int) -> int:
    total = 0
    for item in range(size):
        total += item
    return total


def count(work: Callable[[], object], limit: int = PLENTY) -> int:
    with StepCounter(limit) as counter:
        work()
    return counter.count


def test_the_count_is_the_same_every_time() -> None:
    assert len({count(lambda: loop(100)) for _ in range(5)}) == 1


def test_a_loop_costs_steps_in_proportion() -> None:
    once, twice, thrice = (count(lambda: loop(size)) for size in (100, 200, 300))  # noqa: B023
    assert twice - once == thrice - twice >= 100


def test_a_linear_search_is_seen_and_a_constant_one_is_not() -> None:
    def search(size: int) -> Callable[[], object]:
        items = list(range(size))
        return lambda: next(item for item in items if item == size - 1)

    def ask(size: int) -> Callable[[], object]:
        items = dict.fromkeys(range(size))
        return lambda: items.get(size - 1)

    assert count(search(1000)) > 50 * count(search(10))
    assert count(ask(1000)) == count(ask(10))


def test_calls_within_calls_are_counted() -> None:
    def deep(levels: int) -> int:
        return deep(levels - 1) + 1 if levels else 0

    assert count(lambda: deep(50)) - count(lambda: deep(49)) > 3


def test_work_inside_c_is_not_seen() -> None:
    def remove(size: int) -> Callable[[], object]:
        items = deque(range(size))
        return lambda: items.remove(size - 1)

    assert count(remove(10)) == count(remove(100_000))


def test_the_work_is_stopped_at_the_limit() -> None:
    results = []
    counter = StepCounter(50)
    with pytest.raises(TooManySteps), counter:
        results.append(loop(1000))
    assert (counter.count, results) == (50, [])
    assert sys.gettrace() is None


def test_nothing_is_traced_afterwards() -> None:
    count(lambda: loop(3))
    assert sys.gettrace() is None
    with StepCounter(PLENTY) as counter:
        try:
            loop(3)
            raise ValueError
        except ValueError:
            pass
    before = counter.count
    loop(100)
    assert sys.gettrace() is None and counter.count == before > 0


def test_an_error_in_the_work_ends_the_counting() -> None:
    try:
        count(lambda: 1 // 0)
    except ZeroDivisionError:
        pass
    assert sys.gettrace() is None


def test_only_code_in_the_named_files_counts(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("def search(size):\n    return list(range(size)) and size\n")
    spec = importlib.util.spec_from_file_location("slow", tmp_path / "slow.py")
    assert spec and spec.loader
    slow = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(slow)
    counted = {}
    for files in ((), ("slow.py",), ("test_steps.py",), ("other.py",)):
        with StepCounter(PLENTY, files) as counter:
            loop(100)
            slow.search(100)
        counted[files] = counter.count
    assert counted["other.py",] == 0 < counted["slow.py",] < counted["test_steps.py",]
    assert counted[()] >= counted["slow.py",] + counted["test_steps.py",]
