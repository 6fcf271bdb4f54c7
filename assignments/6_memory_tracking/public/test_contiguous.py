"""Group B, public: first fit and buddies."""

from __future__ import annotations

from stage6.language import buddy, first_fit, give, take

from autograder.judge.rules import Judge, rule


@rule("6.4")
def test_first_fit_takes_the_lowest_place_and_joins_holes(judge: Judge) -> None:
    three = (first_fit(10), take("a", 4), take("b", 3), take("c", 3))
    judge.check(*three, give("a"), take("d", 3), take("e", 1))
    judge.check(*three, give("b"), give("a"), take("d", 7))
    judge.check(*three, give("a"), give("c"), take("d", 3))
    judge.check(*three, give("a"), give("c"), take("d", 5), give("b"), take("e", 10))
    judge.check(first_fit(8), take("a", 8), take("b", 1), give("a"), take("b", 9), take("b", 8))
    judge.check(first_fit(4), take("a", 1), take("a", 1), take("b", 0), give("c"), give("a"))
    judge.check(first_fit(0))


@rule("6.5")
def test_a_buddy_allocator_halves_and_joins_buddies_alone(judge: Judge) -> None:
    judge.check(buddy(16), take("a", 3), take("b", 4), take("c", 1), give("b"), give("a"))
    judge.check(buddy(16), take("a", 4), take("b", 4), take("c", 4), give("b"), give("c"))
    judge.check(buddy(24), take("a", 8), take("b", 16), take("c", 1), give("b"), take("c", 9))
    judge.check(buddy(13), take("a", 1), take("b", 2), take("c", 3), give("a"), give("c"))
    judge.check(
        *(buddy(8), take("a", 1), take("b", 1), take("c", 2), give("a"), give("b"), take("d", 2)),
        *(give("c"), take("e", 4), give("d")),
    )
    judge.check(buddy(16), take("a", 1), give("a"))
    judge.check(buddy(8), take("a", 5), take("b", 1), take("a", 1), give("b"), give("a"))
    judge.check(buddy(0))
