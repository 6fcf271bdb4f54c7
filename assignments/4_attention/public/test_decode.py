"""Groups C and D, public: one query a sequence, and heads that share."""

from __future__ import annotations

from stage4.operations import attend, decode

from autograder.judge.rules import Judge, rule


@rule("4.7")
def test_a_single_query_attends_to_its_whole_context(judge: Judge) -> None:
    judge.check(attend(decode(1, num_heads=1)))
    judge.check(attend(decode(15, 16, 17, num_heads=1, seed=1)))
    judge.check(attend(decode(70, num_heads=2, num_kv_heads=2, seed=judge.new_seed())))
    judge.check(attend(decode(20, num_heads=2, num_kv_heads=2, gain=40.0, seed=6)))


@rule("4.8")
def test_the_block_table_leads_to_each_block_wherever_it_lies(judge: Judge) -> None:
    judge.check(attend(decode(48, 33, num_heads=1, seed=2)))
    judge.check(attend(decode(40, 40, num_heads=1, block_size=8, shared=2, seed=3)))


@rule("4.9")
def test_slots_that_hold_no_token_are_not_read(judge: Judge) -> None:
    for poison in ("nan", "huge"):
        judge.check(attend(decode(3, 17, num_heads=1, poison=poison, spare=2, seed=4)))
    judge.check(attend(decode(16, num_heads=1, columns=5, spare=2, seed=5)))


@rule("4.11")
def test_query_heads_share_their_kv_head(judge: Judge) -> None:
    for heads, kv_heads in ((2, 2), (4, 2), (6, 2), (5, 1)):
        judge.check(attend(decode(18, num_heads=heads, num_kv_heads=kv_heads, seed=heads)))
    judge.check(attend(decode(21, num_heads=4, num_kv_heads=2, layout="mixed", seed=7)))


@rule("4.12")
def test_heads_of_64_80_and_128_elements_are_attended_to(judge: Judge) -> None:
    for head_size in (64, 80, 128):
        judge.check(attend(decode(19, head_size=head_size, seed=head_size)))
    judge.check(attend(decode(19, head_size=128, dtype="float16", seed=8)))
