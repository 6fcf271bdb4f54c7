"""Group G, public: the pool's check of itself."""

from __future__ import annotations

from stage1.language import cache, check, free, get, new, tamper, touch

from autograder.judge.rules import Judge, rule


@rule("1.19")
def test_check_integrity_accepts_a_healthy_pool_and_notices_a_broken_one(judge: Judge) -> None:
    start = (new(5), get("a", 3), cache("a[0]", "h1"), touch("a[0]"), free("a[0]", "a[1]"))
    judge.check(new(1), check())
    judge.check(*start, check(), free("a[0]"), check(), get("b", 3), check())
    judge.check(*start, tamper("a[1]", "ref_cnt", 1), check())
    judge.check(*start, tamper("a[2]", "ref_cnt", 0), check())
    judge.check(*start, tamper("a[0]", "block_hash", None), check())
    judge.check(*start, tamper("a[2]", "block_hash", "h2"), check())
    judge.check(*start, tamper("a[0]", "block_hash", "h2"), check())
    judge.check(*start, tamper("a[1]", "ref_cnt", 1), tamper("a[2]", "ref_cnt", 0), check())
