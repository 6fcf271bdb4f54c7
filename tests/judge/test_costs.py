"""Costs are measured in turns, on outputs that were verified, and forged counts are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from autograder.judge.clock import Budget
from autograder.judge.counted import ENOUGH, FIRST_LIMIT, MOST_ROUNDS, TIMED_ROUNDS, WrongOutputs
from autograder.judge.faults import GraderFault, RequestFailed, WorkerEnded
from autograder.protocol.plain import Json
from tests.judge.fake_costs import CYCLE, LARGE, SMALL, Pool, Worker, costs_of, fine, honest, rule


def test_the_large_state_is_built_while_the_judge_does_other_things() -> None:
    pool = Pool()
    costs = costs_of(pool)
    costs.start()
    costs.start()
    assert [worker.asked for worker in pool.workers] == [[("prepare", LARGE)]]
    costs.measure(rule("free"), CYCLE, fine)
    assert pool.workers[0].asked[1:3] == [("received", 1), ("prepare", SMALL)]


def test_the_state_is_built_once_for_all_rules() -> None:
    pool = Pool()
    costs = costs_of(pool)
    costs.measure(rule("free"), CYCLE, fine)
    costs.measure(rule("allocate"), CYCLE, fine)
    assert len(pool.workers) == 1
    assert [one[1] for one in pool.workers[0].asked if one[0] == "prepare"] == [LARGE, SMALL]


def test_sizes_take_turns_and_whole_cycles_are_run() -> None:
    pool = Pool()
    costs_of(pool).measure(rule("allocate"), CYCLE, fine)
    work = [one[1:] for one in pool.workers[0].asked if one[0] == "work"]
    turn = [(case, size) for size in (SMALL, LARGE) for case in CYCLE]
    assert [one[:2] for one in work] == turn * (1 + TIMED_ROUNDS)
    counted = [0, FIRST_LIMIT, 0, int(500 * ENOUGH)]
    assert [one[2] for one in work] == counted + [0] * 4 * TIMED_ROUNDS


def test_steps_come_from_the_counted_round_and_seconds_from_the_others() -> None:
    measured = costs_of(Pool()).measure(rule("free"), CYCLE, fine)
    assert (measured["steps_small"], measured["steps_large"]) == (500, 501)
    assert measured["seconds_small"] > 0 and measured["seconds_large"] > 0


def test_the_fastest_round_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, timed = (1, 1), (5, 70, 3, 60, 4, 80)
    clock = iter([tick for seconds in (*counted, *timed) for tick in (0, seconds)])
    monkeypatch.setattr("autograder.judge.counted.time.perf_counter", lambda: next(clock))
    measured = costs_of(Pool()).measure(rule("free"), ("free",), fine)
    assert (measured["seconds_small"], measured["seconds_large"]) == (3, 60)


def timed(monkeypatch: pytest.MonkeyPatch, *large: float) -> Mapping[str, float]:
    """What is measured if small slices take 1, and large ones these times."""
    counted, turns = (1.0, 1.0), [(1.0, seconds) for seconds in large]
    spans = (*counted, *(span for turn in turns for span in turn))
    clock = iter([tick for seconds in spans for tick in (0.0, seconds)])
    monkeypatch.setattr("autograder.judge.counted.time.perf_counter", lambda: next(clock))
    return costs_of(Pool()).measure(rule("free"), ("free",), fine)


def test_one_hiccup_of_the_machine_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert timed(monkeypatch, 1e6, 2.0, 3.0)["seconds_large"] == 2
    assert timed(monkeypatch, 1e6, 1e6, 3.0)["seconds_large"] == 1e6, "two are enough"


def test_work_that_looks_too_slow_is_timed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert timed(monkeypatch, 70, 60, 50, 40, 5)["seconds_large"] == 5
    assert timed(monkeypatch, *[60.0] * MOST_ROUNDS)["seconds_large"] == 60, "so it is"


def test_every_measured_slice_is_verified() -> None:
    seen: list[tuple[str, object]] = []

    def verify(case: str, outputs: Any) -> str:
        seen.append((case, outputs["size"]))
        return ""

    costs_of(Pool()).measure(rule("allocate"), CYCLE, verify)
    assert seen == [("allocate", SMALL), ("allocate", LARGE)] * (1 + TIMED_ROUNDS)


@pytest.mark.parametrize("wrong_from", [1, 2, 5, 8])
def test_wrong_outputs_in_any_round_void_the_measurement(wrong_from: int) -> None:
    rounds: list[int] = []

    def verify(case: str, outputs: Any) -> str:
        rounds.append(1)
        return "two blocks are the same" if len(rounds) >= wrong_from else ""

    with pytest.raises(WrongOutputs, match="the same"):
        costs_of(Pool()).measure(rule("allocate"), CYCLE, verify)


@pytest.mark.parametrize("steps", [0, -1, None, True, 1.5, "12", [1], 10**39 * -1])
def test_a_count_of_nothing_is_refused(steps: Json) -> None:
    pool = Pool(lambda case, size, most_steps: {"outputs": {}, "steps": steps})
    with pytest.raises(WrongOutputs, match="steps"):
        costs_of(pool).measure(rule("free"), CYCLE, fine)


def test_a_count_beyond_all_measure_is_refused() -> None:
    pool = Pool(lambda case, size, most_steps: {"outputs": {}, "steps": int("9" * 40)})
    with pytest.raises(WrongOutputs, match="steps"):
        costs_of(pool).measure(rule("free"), CYCLE, fine)


def test_work_that_was_stopped_is_not_timed_and_its_state_is_not_used_again() -> None:
    def linear(case: str, size: int, most_steps: int) -> Json:
        stopped = bool(most_steps) and size >= most_steps
        return {"outputs": None if stopped else {}, "steps": min(size, most_steps)}

    pool = Pool(linear)
    costs = costs_of(pool)
    measured = costs.measure(rule("free"), CYCLE, fine)
    assert measured == {"steps_small": SMALL, "steps_large": SMALL * ENOUGH}
    costs.measure(rule("free"), CYCLE, fine)
    assert [worker.closed for worker in pool.workers] == [True, True]


def test_a_state_that_takes_too_long_to_build_is_not_tried_again() -> None:
    class Slow(Pool):
        def new_worker(self) -> Worker:
            worker = super().new_worker()
            worker.receive = never  # type: ignore[method-assign]
            return worker

    def never(request_id: int, budget: Budget) -> Json:
        raise WorkerEnded("timeout", "no answer")

    pool = Slow()
    costs = costs_of(pool)
    for _ in range(3):
        with pytest.raises(WorkerEnded, match="1,000,000 blocks took over"):
            costs.measure(rule("free"), CYCLE, fine)
    assert len(pool.workers) == 1


@pytest.mark.parametrize("answer", [None, [], "done", 7, {}, {"steps": 5}, {"outputs": 1}])
def test_an_answer_of_another_shape_is_refused(answer: Json) -> None:
    with pytest.raises(WrongOutputs):
        costs_of(Pool(lambda *_: answer)).measure(rule("free"), CYCLE, fine)


@pytest.mark.parametrize("outputs", [None, 3, [], {}, {"blocks": 4}, {"blocks": [[]]}])
def test_outputs_that_the_check_stumbles_over_are_wrong(outputs: Json) -> None:
    def verify(case: str, given: Any) -> str:
        return "" if given["blocks"][0][1] + 1 else "odd"

    pool = Pool(lambda case, size, most_steps: {"outputs": outputs, "steps": 5})
    with pytest.raises(WrongOutputs, match="shape"):
        costs_of(pool).measure(rule("free"), CYCLE, verify)


@pytest.mark.parametrize("error", [WorkerEnded("crash", "gone"), RequestFailed("E", "", "")])
def test_a_worker_that_ended_is_replaced_for_the_next_rule(error: Exception) -> None:
    def ends(case: str, size: int, most_steps: int) -> Json:
        if case == "free":
            raise error
        return honest(case, size, most_steps)

    pool = Pool(ends)
    costs = costs_of(pool)
    with pytest.raises(type(error)):
        costs.measure(rule("free"), CYCLE, fine)
    assert pool.workers[0].closed
    costs.measure(rule("allocate"), ("allocate",), fine)
    assert len(pool.workers) == 2 and not pool.workers[1].closed


def test_a_start_that_fails_is_tried_again_when_it_matters() -> None:
    pool = Pool()
    pool.fault = GraderFault("no worker to be had")
    costs = costs_of(pool)
    costs.start()
    with pytest.raises(GraderFault):
        costs.measure(rule("free"), CYCLE, fine)
    pool.fault = None
    costs.measure(rule("free"), CYCLE, fine)


def test_closing_ends_the_worker_once() -> None:
    pool = Pool()
    costs = costs_of(pool)
    costs.start()
    costs.close()
    costs.close()
    assert pool.workers[0].closed
