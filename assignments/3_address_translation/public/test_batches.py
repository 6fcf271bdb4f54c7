"""Groups B and C, public: ragged batches, padding, and slots beyond 32 bits."""

from __future__ import annotations

from stage3.generate import programs, random_batch
from stage3.operations import batch, split_all

from autograder.judge.rules import Judge, rule

TABLE = [[5, 2, 7], [1, 9, 4], [8, 3, 6]]


@rule("3.5")
def test_a_ragged_batch_is_translated_as_its_requests_would_be(judge: Judge) -> None:
    judge.check(batch(TABLE, [1, 1, 1], [0, 4, 11], 4))
    judge.check(batch(TABLE, [3, 5, 1], [0, 1, 2, 3, 4, 5, 6, 7, 8], 4))
    judge.check(batch(TABLE, [0, 9, 0], range(9), 5))
    judge.check(batch(TABLE, [2, 0, 3], [7, 8, 3, 4, 5], 4))
    judge.check(batch(TABLE, [4], [6, 2, 9, 2], 4))
    judge.check(batch(TABLE, [0, 0, 0], [], 4))
    judge.check(batch(TABLE, [], [], 4))
    judge.check_all(programs(judge.new_seed(), random_batch))


@rule("3.6")
def test_padding_gets_no_slot(judge: Judge) -> None:
    judge.check(batch(TABLE, [2, 1], [3, 4, 0, 0, 0], 4))
    judge.check(batch(TABLE, [0, 0], [0, 0], 4))
    judge.check(batch(TABLE, [1, 0, 2], [11, 2, 3, 12, -7, 1 << 40], 4))
    judge.check(batch(TABLE, [], [5, 6], 4))
    judge.check(split_all([20, -1, 9, -1], 4))
    judge.check(split_all([-1], 1))


@rule("3.9")
def test_slots_beyond_32_bits_are_exact(judge: Judge) -> None:
    last = (1 << 31) - 1
    judge.check(batch([[134_217_727, 134_217_728]], [4], [14, 15, 16, 31], 16))
    judge.check(batch([[last, 0], [1, last]], [2, 2], [127, 128, 0, 255], 128))
    judge.check(split_all([(1 << 31) - 1, 1 << 31, 1 << 40, (1 << 62) - 1], 16))
