"""Group D, public: the prefix cache."""

from __future__ import annotations

from stage1.language import cache, free, get, lookup, new, touch

from autograder.judge.rules import Judge, rule


@rule("1.10")
def test_a_cached_block_is_found_by_its_hash(judge: Judge) -> None:
    judge.check(new(4), lookup("x", "h1"), get("a", 1), cache("a[0]", "h1"), lookup("y", "h1"))
    judge.check(new(4), get("a", 1), cache("a[0]", "h1"), free("a[0]"), lookup("x", "h1"))
    judge.check(new(4), get("a", 2), cache("a[0]", "h1"), cache("a[1]", "h2"), lookup("x", "h2"))


@rule("1.11")
def test_a_hit_on_a_free_block_brings_it_back(judge: Judge) -> None:
    cached = (new(4), get("a", 3), cache("a[1]", "h1"), free("a[2]", "a[1]", "a[0]"))
    judge.check(*cached, lookup("x", "h1"), touch("x[0]"), get("b", 2), free("x[0]"))
    judge.check(*cached, lookup("x", "h1"), touch("x[0]"), touch("x[0]"), free("x[0]", "x[0]"))


@rule("1.13")
def test_a_block_handed_out_again_has_lost_its_hash(judge: Judge) -> None:
    judge.check(new(2), get("a", 1), cache("a[0]", "h1"), free("a[0]"), get("b", 1))
    judge.check(
        *(new(3), get("a", 2), cache("a[0]", "h1"), cache("a[1]", "h2")),
        *(free("a[1]", "a[0]"), get("b", 2), cache("b[0]", "h3"), lookup("x", "h1")),
    )
