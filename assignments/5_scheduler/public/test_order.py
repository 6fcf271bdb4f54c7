"""Group B, public: who is admitted, and who is not."""

from __future__ import annotations

from stage5.language import add, new, step, steps

from autograder.judge.rules import Judge, rule


@rule("5.6")
def test_who_came_first_is_admitted_first(judge: Judge) -> None:
    judge.check(new(50, 16, 1), add("b", 3, 2), add("a", 3, 2), add("c", 3, 1), *steps(6))
    judge.check(
        *(new(50, 16, 1), add("x", 3, 3, at=0), step(), add("late", 3, 1, at=5)),
        *(add("early", 3, 1, at=2), add("middle", 3, 1, at=3), *steps(8)),
    )
    judge.check(
        *(new(50, 8, 2), add("z", 4, 1, at=1), add("y", 4, 1, at=1), add("x", 4, 1, at=1)),
        *(add("w", 4, 1, at=0), *steps(4)),
    )


@rule("5.7")
def test_nobody_overtakes_a_request_that_does_not_fit(judge: Judge) -> None:
    judge.check(
        *(new(6, 32, 4), add("a", 8, 5, at=0), step(), add("big", 20, 2, at=1)),
        *(add("small", 2, 2, at=2), *steps(12)),
    )
    judge.check(
        *(new(8, 8, 4), add("a", 16, 9, at=0), step(), add("big", 24, 2, at=1)),
        *(add("small", 3, 2, at=2), *steps(20)),
    )
