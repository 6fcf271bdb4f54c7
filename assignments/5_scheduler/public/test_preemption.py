"""Group D, public: preempted requests and forks."""

from __future__ import annotations

from stage5.generate import SWAPPING, TIGHT, programs
from stage5.language import add, fork, new, step, steps

from autograder.judge.rules import Judge, rule

TWO = (add("a", 7, 9, at=0), add("b", 6, 9, at=1))


@rule("5.14")
def test_a_preempted_request_comes_back_at_its_place(judge: Judge) -> None:
    judge.check(new(4, 16, 2), *TWO, *steps(4), add("c", 3, 2, at=2), *steps(20))
    judge.check(new(4, 16, 3), *TWO, add("c", 2, 2, at=2), *steps(24))
    judge.check_all(programs(judge.new_seed(), 12, TIGHT))


@rule("5.15")
def test_a_request_that_was_preempted_ends_with_the_same_tokens(judge: Judge) -> None:
    judge.check(new(4, 16, 2), *TWO, *steps(24))
    judge.check(new(5, 4, 3), *TWO, add("c", 9, 7, at=2), *steps(40))
    judge.check_all(programs(judge.new_seed(), 12, TIGHT))


@rule("5.16")
def test_what_was_swapped_out_is_swapped_in(judge: Judge) -> None:
    judge.check(new(4, 16, 2, host=8), *TWO, *steps(24))
    judge.check(new(5, 6, 3, host=8), *TWO, add("c", 9, 7, at=2), *steps(30))
    judge.check_all(programs(judge.new_seed(), 12, SWAPPING))


@rule("5.18")
def test_a_fork_shares_blocks_until_one_of_them_writes(judge: Judge) -> None:
    parent = (new(20), add("a", 6, 8), step())
    judge.check(*parent, fork("a", "b"), *steps(8))
    judge.check(*parent, step({"a": [11]}), fork("a", "b"), step({"b": [77]}), *steps(6))
    judge.check(*parent, fork("a", "b"), fork("b", "c"), step({"b": [30], "c": [31]}), *steps(6))
    whole = (new(20), add("a", 8, 8), step())
    judge.check(*whole, fork("a", "b"), step({"a": [50]}), *steps(8))
    judge.check(*parent, fork("a", "b"), step({"a": [12, 13, 14]}), *steps(4))
