"""Group C, public: fork and copy-on-write."""

from __future__ import annotations

from stage2.language import fork, free, generate, new, request, step, whole

from autograder.judge.rules import Judge, rule

SIX = [1, 2, 3, 4, 5, 6]


@rule("2.9")
def test_a_child_shares_every_block_of_its_parent(judge: Judge) -> None:
    for length in (1, 4, 6, 8):
        parent = (new(6, 4), request("a", list(range(length))), step("a", length))
        judge.check(*whole(*parent, fork("b", "a"), free("a"), free("b")))
        judge.check(*whole(*parent, fork("b", "a"), fork("c", "b"), free("b"), free("c")))
    judge.check(*whole(new(6, 4), request("a", SIX), fork("b", "a"), step("a", 6), step("b", 6)))
    judge.check(*whole(new(3, 4), request("a", SIX), step("a", 6), fork("b", "a"), fork("c", "a")))


@rule("2.10")
def test_a_shared_block_is_copied_before_it_is_written_into(judge: Judge) -> None:
    for caching in (True, False):
        pair = (new(12, 4, caching), request("a", SIX), step("a", 6), fork("b", "a"))
        both = (generate("a", 7, 8, 9), generate("b", 17, 18, 19))
        judge.check(*whole(*pair, *both, step("a", 1), step("b", 1), step("a", 1), step("b", 2)))
        judge.check(*whole(*pair, *both, step("b", 3), step("a", 3)))
        three = (*pair, *both, fork("c", "b"))
        judge.check(*whole(*three, step("c", 1), step("a", 2), step("b", 3)))
        even = (new(12, 3, caching), request("a", SIX), step("a", 6), fork("b", "a"))
        judge.check(
            *whole(*even, generate("a", 7, 8), generate("b", 9), step("a", 2), step("b", 1))
        )
        alone = (new(12, 4, caching), request("a", SIX), step("a", 5), step("a", 1))
        judge.check(*whole(*alone))
