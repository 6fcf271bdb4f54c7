"""Group B, public: sharing."""

from __future__ import annotations

from stage1.language import free, get, new, touch

from autograder.judge.rules import Judge, rule


@rule("1.6")
def test_a_shared_block_stays_in_use_until_its_last_holder_gives_it_back(judge: Judge) -> None:
    judge.check(new(4), get("a", 1), touch("a[0]"), free("a[0]"), free("a[0]"))
    judge.check(new(3), get("a", 2), touch("a[0]"), free("a[1]", "a[0]"), get("b", 1), free("a[0]"))
    judge.check(new(3), get("a", 1), touch("a[0]", "a[0]"), free("a[0]", "a[0]"), free("a[0]"))
    judge.check(new(3), get("a", 1), touch("a[0]", "null"), free("null", "a[0]"), free("a[0]"))
