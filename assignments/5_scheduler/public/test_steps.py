"""Group A, public: what a step computes."""

from __future__ import annotations

from stage5.language import add, new, step, steps

from autograder.judge.rules import Judge, rule


@rule("5.1")
def test_a_step_stays_inside_its_budget_and_runs_no_more_than_it_may(judge: Judge) -> None:
    judge.check(new(50, 8, 2), add("a", 5), add("b", 5), add("c", 5), *steps(6))
    judge.check(new(50, 4, 4), *(add(name, 3) for name in "abcdef"), *steps(12))
    judge.check(new(50, 16, 3), *(add(name, 2, 2) for name in "abcdef"), *steps(6))
    judge.check(new(50, 1, 1), add("a", 3, 2), add("b", 1, 1), *steps(7))


@rule("5.2")
def test_a_long_prompt_is_computed_in_chunks_every_token_once(judge: Judge) -> None:
    judge.check(new(50, 8), add("a", 30, 3), *steps(7))
    judge.check(new(50, 7), add("a", 3, 6), step(), add("b", 23, 2), *steps(6))
    judge.check(new(50, 8), add("a", 8, 1), add("b", 9, 1), *steps(3))


@rule("5.3")
def test_nothing_is_generated_before_the_last_token_is_computed(judge: Judge) -> None:
    judge.check(new(50, 8), add("a", 20, 2), *steps(5))
    judge.check(new(50, 6), add("a", 2, 5), add("b", 10, 2), *steps(6))
    judge.check(new(50, 8), add("a", 5, 8), step(), step({"a": [11, 12, 13]}), *steps(3))


@rule("5.4")
def test_budget_is_left_over_only_where_nobody_can_use_it(judge: Judge) -> None:
    judge.check(new(50, 16, 4), *(add(name, 4, 3) for name in "abc"), *steps(2))
    judge.check(new(50, 16, 2), add("a", 4, 6), add("b", 4, 1), add("c", 4, 1), *steps(4))
    judge.check(new(50, 8, 4), add("a", 6, 9), step(), add("b", 14, 2), *steps(5))
    judge.check(
        new(50, 8, 4), add("a", 4, 9), step(), add("b", 4, 2), step(), add("c", 9, 2), *steps(4)
    )
