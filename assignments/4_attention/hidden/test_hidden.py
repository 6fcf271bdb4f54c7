"""The hidden rules of stage 4. They judge by the oracle, so any difference counts."""

from __future__ import annotations

from stage4.generate import programs, random_layout, random_ragged, random_write
from stage4.operations import attend, decode, ragged, softmax, write
from stage4.oracle import Oracle

from autograder.judge.rules import Judge, rule
from autograder.paged_batch.scores import SoftmaxSpec
from autograder.paged_batch.spec import CACHE_LAYOUTS, WriteSpec


@rule("4.3")
def test_parts_of_the_keys_can_be_merged(judge: Judge) -> None:
    for kind in ("plain", "large", "masked", "rising"):
        for parts in (2, 3):
            spec = SoftmaxSpec((4, 1, 6, 2), rows=4, parts=parts, kind=kind, seed=parts)
            judge.check(softmax(spec), against=Oracle)
    judge.check(softmax(SoftmaxSpec((5,), parts=2)), against=Oracle)
    fresh = SoftmaxSpec((2, 3, 4), parts=3, kind="rising", seed=judge.new_seed())
    judge.check(softmax(fresh), against=Oracle)


@rule("4.6")
def test_any_layout_and_dtype_can_be_written(judge: Judge) -> None:
    for layout in CACHE_LAYOUTS[1:]:
        spec = WriteSpec((7, -1, 2), num_blocks=2, layout=layout, fused_input=layout == "gaps")
        judge.check(write(spec), against=Oracle)
    judge.check_all(programs(judge.new_seed(), random_write), against=Oracle)


@rule("4.10")
def test_no_key_is_lost_at_the_edge_of_a_block_or_a_tile(judge: Judge) -> None:
    judge.check(attend(decode(31, 32, 33, num_heads=1, seed=6)), against=Oracle)
    judge.check(attend(decode(64, 65, 129, num_heads=1, seed=7)), against=Oracle)


@rule("4.13")
def test_each_dtype_keeps_its_precision(judge: Judge) -> None:
    for dtype in ("float32", "float16", "bfloat16"):
        judge.check(attend(decode(40, dtype=dtype, seed=8)), against=Oracle)
        judge.check(attend(ragged((21, 4), dtype=dtype, gain=6.0, seed=9)), against=Oracle)
    judge.check(attend(decode(70, gain=40.0, seed=10)), against=Oracle)


@rule("4.14")
def test_tensors_are_read_through_their_strides(judge: Judge) -> None:
    for layout in CACHE_LAYOUTS[1:]:
        spec = decode(19, 5, num_heads=2, num_kv_heads=2, block_size=8, layout=layout)
        judge.check(attend(spec), against=Oracle)
    judge.check(attend(ragged((12, 3), table_step=2, query_room=2, padding=1)), against=Oracle)
    judge.check_all(programs(judge.new_seed(), random_layout, 1), against=Oracle)


@rule("4.17")
def test_any_ragged_batch_is_attended_to(judge: Judge) -> None:
    judge.check_all(programs(judge.new_seed(), random_ragged, 5), against=Oracle)


@rule("4.19")
def test_caches_beyond_32_bits_are_read_in_the_right_place(judge: Judge) -> None:
    spec = decode(20, 33, num_heads=1, dtype="float16", seed=3)
    judge.check(attend(spec, far=True), against=Oracle)


@rule("4.22")
def test_programs_run_in_any_order(judge: Judge) -> None:
    for order in ("reverse", 1):
        judge.check(attend(ragged((40, 30), (17, 1), num_heads=3, seed=4), order), against=Oracle)
        judge.check(attend(decode(600, num_heads=1, columns=64, seed=5), order), against=Oracle)
        judge.check(write(WriteSpec((9, 1, 4, -1), layout="hnd"), order), against=Oracle)
