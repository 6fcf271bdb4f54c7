"""Group E, public: misuse of the manager."""

from __future__ import annotations

from stage2.language import fork_onto, generate, lookup, new, request, step, truncate, whole

from autograder.judge.rules import Judge, rule

SIX = [1, 2, 3, 4, 5, 6]


@rule("2.16")
def test_misuse_of_the_manager_raises_and_changes_nothing(judge: Judge) -> None:
    held = (new(9, 4), request("a", SIX), step("a", 5))
    judge.check(new(9, 0))
    judge.check(*whole(*held, step("a", 0)))
    judge.check(*whole(*held, step("a", -1)))
    judge.check(*whole(*held, step("a", 2)))
    judge.check(*whole(*held, truncate("a", -1)))
    judge.check(*whole(*held, truncate("a", 6)))
    judge.check(*whole(*held, request("b", SIX), step("b", 2), fork_onto("b", "a")))
    judge.check(*whole(*held, fork_onto("a", "a")))
    judge.check(*whole(*held, request("b", SIX), lookup("h", "b"), step("b", 3, "h")))
    twice = (*held, request("b", SIX), lookup("h", "b"), step("b", 1, "h"))
    judge.check(*whole(*twice, generate("b", *SIX), lookup("i", "b"), step("b", 1, "i")))
