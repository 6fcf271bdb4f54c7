"""Amounts and conversations: what a rule with a unit costs."""

from __future__ import annotations

from typing import Any, cast

import pytest

from autograder.judge.costs import Ask
from autograder.judge.counted import FIRST_LIMIT, WrongOutputs
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.protocol.plain import Json
from tests.judge.fake_costs import CYCLE, LARGE, Pool, costs_of, fine, rule


def counting(amount: Json) -> Pool:
    return Pool(lambda case, size, most_steps: {"outputs": {"size": size}, "amount": amount})


def test_a_rule_with_a_unit_costs_the_amount_that_was_counted_at_the_large_size() -> None:
    pool, seen = counting(4096), list[Any]()

    def verify(case: str, outputs: Any) -> str:
        seen.append((case, outputs["size"]))
        return ""

    assert costs_of(pool).measure(rule("free", "bytes"), CYCLE, verify) == {"amount": 4096.0}
    assert seen == [("free", LARGE)]
    work = [one[1:] for one in pool.workers[0].asked if one[0] == "work"]
    assert work == [("free", LARGE, FIRST_LIMIT), ("allocate", LARGE, 0)]


@pytest.mark.parametrize("amount", [0, -1, None, True, "12", [1], -0.5])
def test_an_amount_of_nothing_is_refused(amount: Json) -> None:
    with pytest.raises(WrongOutputs, match="amount"):
        costs_of(counting(amount)).measure(rule("free", "bytes"), CYCLE, fine)


def test_wrong_outputs_void_an_amount() -> None:
    with pytest.raises(WrongOutputs, match="all zeros"):
        costs_of(counting(1)).measure(rule("free", "bytes"), CYCLE, lambda *_: "all zeros")


def test_a_conversation_gives_what_the_judge_makes_of_the_answers() -> None:
    pool = Pool(lambda message: 2 * message)

    def talk(ask: Ask) -> float:
        return float(str(ask(3))) + float(str(ask(4)))

    assert costs_of(pool).converse(talk) == {"amount": 14.0, "least": 0.0}
    assert pool.workers[0].asked[-2:] == [("converse", 3), ("converse", 4)]


def test_conversations_share_one_worker_with_the_other_rules() -> None:
    pool = Pool(lambda message: message)
    costs = costs_of(pool)
    for _ in range(2):
        costs.converse(lambda ask: float(str(ask(1))))
    assert len(pool.workers) == 1 and not pool.workers[0].closed


@pytest.mark.parametrize("answer", [None, 7, [], [[1]], {}, "abc", [[["a"], []]]])
def test_answers_that_the_judge_stumbles_over_are_wrong(answer: Json) -> None:
    def talk(ask: Ask) -> float:
        ((name, count),) = cast(Any, ask(1))[0][0]
        return float({"a": 1}[name] + count)

    with pytest.raises(WrongOutputs, match="shape"):
        costs_of(Pool(lambda message: answer)).converse(talk)


def test_what_the_judge_finds_wrong_in_an_answer_voids_the_conversation() -> None:
    def talk(ask: Ask) -> float:
        raise WrongOutputs("a token is computed twice")

    with pytest.raises(WrongOutputs, match="twice"):
        costs_of(Pool()).converse(talk)


@pytest.mark.parametrize("error", [WorkerEnded("timeout", "gone"), RequestFailed("E", "", "")])
def test_a_worker_that_ended_in_a_conversation_is_replaced(error: Exception) -> None:
    ends = [error]

    def answers(message: Json) -> Json:
        if ends:
            raise ends.pop()
        return message

    pool = Pool(answers)
    costs = costs_of(pool)
    with pytest.raises(type(error)):
        costs.converse(lambda ask: float(str(ask(1))))
    assert costs.converse(lambda ask: float(str(ask(5))))["amount"] == 5
    assert [worker.closed for worker in pool.workers] == [True, False]
