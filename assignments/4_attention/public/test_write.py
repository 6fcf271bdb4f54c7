"""Group B, public: storing a batch's K and V."""

from __future__ import annotations

from stage4.operations import write

from autograder.judge.rules import Judge, rule
from autograder.paged_batch.spec import WriteSpec


@rule("4.4")
def test_each_tokens_k_and_v_land_in_its_slot(judge: Judge) -> None:
    judge.check(write(WriteSpec((3, 8, 0, 15))))
    judge.check(write(WriteSpec((9, 2, 5), num_blocks=3, num_kv_heads=3, block_size=5)))
    many = tuple(slot * 11 % 36 for slot in range(33))
    judge.check(write(WriteSpec(many, num_blocks=9, num_kv_heads=1, first=judge.new_seed() % 99)))


@rule("4.5")
def test_padding_is_passed_over_and_nothing_else_is_touched(judge: Judge) -> None:
    judge.check(write(WriteSpec((-1, 6, -1, 1))))
    judge.check(write(WriteSpec((-1, -1), num_blocks=2)))
    judge.check(write(WriteSpec((), num_blocks=2)))
    judge.check(write(WriteSpec((5, -1, 4), layout="gaps", head_size=80), "reverse"))
