"""Group A, public: allocate and give back."""

from __future__ import annotations

from stage1.generate import Mix, programs
from stage1.language import free, free_reversed, get, new, usage

from autograder.judge.rules import Judge, rule


@rule("1.1")
def test_a_new_pool_has_every_block_free_but_the_null_block(judge: Judge) -> None:
    judge.check(new(5), usage(), get("a", 4), usage())
    judge.check(new(1), usage(), get("a", 0))
    judge.check(new(0))


@rule("1.2")
def test_allocation_hands_out_different_blocks_that_nobody_holds(judge: Judge) -> None:
    judge.check(new(9), get("a", 3), get("b", 1), get("c", 4))
    judge.check(new(5), get("a", 3), free("a[1]"), get("b", 2), free("b[0]", "a[0]"), get("c", 2))
    judge.check(new(3), get("a", 0), get("b", 2))
    judge.check_all(programs(judge.new_seed(), 60, 12, Mix(most=6)))


@rule("1.3")
def test_allocation_is_all_or_nothing(judge: Judge) -> None:
    judge.check(new(5), get("a", 5))
    judge.check(new(5), get("a", 2), get("b", 3), get("c", 2))
    judge.check(new(5), get("a", 4), get("b", 1), free("a[2]"), get("c", 2), get("d", 1))
    judge.check(new(1), get("a", 1))


@rule("1.4")
def test_blocks_given_back_are_free_again(judge: Judge) -> None:
    judge.check(new(5), get("a", 4), free("a[3]", "a[2]", "a[1]", "a[0]"), get("b", 4))
    judge.check(new(5), get("a", 3), free("a[1]"), get("b", 1), free("b[0]", "a[0]", "a[2]"))
    judge.check(new(3), get("a", 2), free(), free("a[0]"), free("a[1]"))
    judge.check(new(4), get("a", 3), free_reversed("a[0]", "a[1]", "a[2]"), get("b", 3))
    judge.check_all(programs(judge.new_seed(), 60, 8, Mix(free=6)))
