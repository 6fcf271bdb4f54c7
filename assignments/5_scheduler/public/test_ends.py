"""Group E, public: how requests end, and misuse."""

from __future__ import annotations

from stage5.language import add, fork, new, step, steps

from autograder.judge.rules import Judge, rule

ANY = tuple(range(10, 99))


@rule("5.19")
def test_a_request_ends_at_a_stop_token_or_with_its_last_allowed_token(judge: Judge) -> None:
    judge.check(new(20), add("a", 5, 3), *steps(4))
    judge.check(new(20), add("a", 5, 1), add("b", 2, 2), *steps(3))
    judge.check(new(20), add("a", 5, 9, stop=ANY), *steps(2))
    judge.check(
        new(20), add("a", 5, 9, stop=[3]), step(), step({"a": [4]}), step({"a": [3]}), step()
    )
    judge.check(new(20), add("a", [3, 3, 3], 2, stop=[3]), *steps(3))
    judge.check(new(20), add("a", 2, 2, stop=[3]), step(), step({"a": [3]}), step())


@rule("5.21")
def test_what_has_ended_holds_nothing_and_is_reported_in_one_plan(judge: Judge) -> None:
    judge.check(new(9), add("a", 5, 2), add("b", 6, 4), *steps(7))
    judge.check(new(9), add("a", 5, 1), step(), add("a", 5, 1), *steps(3))
    judge.check(new(9), add("a", 9, 9, stop=ANY), add("b", 3, 1), *steps(4))


@rule("5.23")
def test_misuse_raises_and_changes_nothing(judge: Judge) -> None:
    judge.check(new(9, 3, 4))
    judge.check(new(9, 3, 0))
    judge.check(new(9, 4, 4, watermark=-1))
    judge.check(new(9), add("a", 4, 2), add("a", 4, 2), step(), add("a", 3, 2), *steps(3))
    judge.check(new(9), add("a", 0), add("b", 3, 0), add("c", 1, 1), *steps(2))
    judge.check(new(4), add("a", 14, 3), add("b", 14, 4), add("c", 1, 17), *steps(5))
    judge.check(new(4), add("a", 15, 3), add("b", 17, 1), add("c", 16, 1), *steps(3))
    forked = (new(20, 8, 2), add("a", 4, 9), step(), add("b", 4, 9))
    judge.check(*forked, fork("b", "c"), fork("a", "b"), fork("a", "c"), fork("a", "d"), *steps(3))
