"""Group D, public: truncating and freeing."""

from __future__ import annotations

from stage2.language import fork, free, generate, lookup, new, request, step, truncate, whole

from autograder.judge.rules import Judge, rule

NINE = list(range(1, 10))


@rule("2.12")
def test_truncating_gives_back_exactly_the_blocks_beyond(judge: Judge) -> None:
    for caching in (True, False):
        full = (new(8, 4, caching), request("a", NINE), step("a", 9))
        for kept in (9, 8, 5, 4, 1, 0):
            judge.check(*whole(*full, truncate("a", kept)))
    again = (new(8, 4, False), request("a", NINE), step("a", 9), truncate("a", 5))
    judge.check(*whole(*again, generate("a", 50, 51, 52, 53), step("a", 3), step("a", 1)))
    judge.check(*whole(*again, fork("b", "a"), truncate("b", 3), truncate("a", 0)))
    judge.check(*whole(*again, truncate("a", 5), truncate("a", 4), generate("a", 5), step("a", 1)))


@rule("2.14")
def test_freeing_gives_back_every_block_once(judge: Judge) -> None:
    for caching in (True, False):
        start = (new(6, 4, caching), request("a", NINE), request("b", NINE))
        judge.check(*whole(*start, free("b"), step("a", 9), free("a"), free("a"), step("b", 9)))
        back = (*start, step("a", 9), generate("a", 10), step("a", 1), free("a"))
        judge.check(*whole(*back, lookup("h", "a"), step("a", 2, "h")))
        judge.check(*whole(*back, step("a", 10), step("b", 5)))
        held = (*start, step("a", 9), lookup("h", "b"), step("b", 1, "h"), fork("c", "b"))
        judge.check(
            *whole(*held, free("b"), free("a"), free("c"), request("d", NINE), step("d", 9))
        )
