"""Group C, public: blocks, and what to do when there are none left."""

from __future__ import annotations

from stage5.generate import STEADY, TIGHT, programs
from stage5.language import add, new, step, steps

from autograder.judge.rules import Judge, rule


@rule("5.9")
def test_a_running_request_holds_exactly_its_blocks(judge: Judge) -> None:
    judge.check(new(9), add("a", 3, 7), *steps(9))
    judge.check(new(20, 8), add("a", 4, 2), add("b", 13, 6), *steps(9))
    judge.check_all(programs(judge.new_seed(), 15, STEADY))


@rule("5.10")
def test_the_last_in_the_order_are_preempted_and_no_more_than_must_be(judge: Judge) -> None:
    judge.check(new(4, 16, 2), add("a", 7, 6, at=0), add("b", 7, 6, at=1), *steps(16))
    judge.check(
        *(new(6, 32, 3), add("c", 8, 9, at=2), add("b", 8, 9, at=1), add("a", 8, 9, at=0)),
        *steps(24),
    )
    judge.check(
        *(new(7, 32, 4), add("a", 7, 9, at=3), step(), add("b", 7, 9, at=1)),
        *(add("c", 7, 9, at=2), *steps(24)),
    )
    judge.check_all(programs(judge.new_seed(), 12, TIGHT))


@rule("5.12")
def test_a_request_is_admitted_only_if_all_its_tokens_fit(judge: Judge) -> None:
    judge.check(
        *(new(6, 8, 4), add("a", 8, 6, at=0), step(), add("long", 20, 2, at=1), *steps(14)),
    )
    judge.check(new(5, 8, 4), add("a", 16, 3, at=0), add("b", 12, 3, at=1), *steps(12))
    judge.check(new(5, 16, 4), add("a", 16, 3, at=0), add("b", 4, 1, at=1), *steps(6))
