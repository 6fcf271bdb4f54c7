"""Counted steps are the same every time, grow with the work, and stop at the limit."""

from __future__ import annotations

import importlib.util
import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autograder.worker.steps import TOOL, CountingDisturbed, StepCounter, TooManySteps

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


def test_a_function_costs_the_same_the_first_time_as_later() -> None:
    spaces: list[dict[str, Any]] = [{}, {}]
    for space in spaces:
        exec("def fresh(size):\n    return [item for item in range(size)]", space)
    first, other, later = (count(partial(space["fresh"], 20)) for space in (*spaces, spaces[0]))
    assert first == other == later > 20


def test_a_generator_that_was_begun_before_is_counted_from_here_on() -> None:
    def numbers() -> Iterator[int]:
        yield from range(100)

    begun, fresh = numbers(), numbers()
    next(begun)
    assert 0 < count(lambda: next(begun)) <= count(lambda: next(fresh))


def test_the_function_that_counts_is_not_counted_itself() -> None:
    with StepCounter(PLENTY) as counter:
        sum(range(100))
        sum(range(100))
    assert counter.count == 0


def test_a_limit_that_the_code_ignores_stands_all_the_same() -> None:
    def stubborn() -> None:
        for _ in range(10):
            try:
                loop(1000)
            except BaseException:  # noqa: BLE001, S110
                pass

    with StepCounter(50) as counter:
        stubborn()
    assert counter.count == 50


def off_for_good() -> None:
    sys.settrace(None)
    loop(1000)


def off_and_on() -> None:
    trace = sys.gettrace()
    sys.settrace(None)
    loop(1000)
    sys.settrace(trace)


@pytest.mark.parametrize("cheat", [off_for_good, off_and_on])
def test_counting_that_is_switched_off_is_an_error(cheat: Callable[[], None]) -> None:
    with pytest.raises(CountingDisturbed):
        count(cheat)
    assert count(lambda: loop(100)) > 100


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.11 has no sys.monitoring")
@pytest.mark.parametrize("take_away", ["set_events", "free_tool_id", "register_callback"])
def test_monitoring_that_is_taken_away_is_an_error(take_away: str) -> None:
    monitoring: Any = vars(sys)["monitoring"]
    args: dict[str, tuple[object, ...]] = {
        "set_events": (0,),
        "register_callback": (monitoring.events.INSTRUCTION, None),
    }

    def cheat() -> None:
        tool = next(one for one in range(6) if monitoring.get_tool(one) == TOOL)
        getattr(monitoring, take_away)(tool, *args.get(take_away, ()))
        loop(1000)

    with pytest.raises(CountingDisturbed):
        count(cheat)
    assert count(lambda: loop(100)) > 100
