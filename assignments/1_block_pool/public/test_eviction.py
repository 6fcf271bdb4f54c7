"""Group E, public: the order in which blocks are handed out again."""

from __future__ import annotations

from stage1.language import cache, free, get, new

from autograder.judge.rules import Judge, rule


@rule("1.15")
def test_what_can_still_be_hit_is_handed_out_last(judge: Judge) -> None:
    judge.check(new(5), get("a", 2), cache("a[0]", "h1"), free("a[0]"), get("b", 2))
    judge.check(new(4), get("a", 3), cache("a[0]", "h1"), free("a[0]"), free("a[1]"), get("b", 1))
    judge.check(new(4), get("a", 3), cache("a[1]", "h1"), free("a[1]", "a[2]", "a[0]"), get("b", 2))
