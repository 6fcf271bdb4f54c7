"""Group E, public: writing and reading the cache."""

from __future__ import annotations

from stage3.generate import programs, random_cache, random_writes
from stage3.layouts import HND, PER_BLOCK
from stage3.operations import cache, gather, write

from autograder.judge.rules import Judge, rule

SHAPE = (2, 2, 4, 3, 2, 2)


@rule("3.15")
def test_what_is_written_lies_in_its_slots(judge: Judge) -> None:
    judge.check(cache(SHAPE), write(0, [4], 1))
    judge.check(cache(SHAPE), write(1, [0, 2, 3, 11], 1), write(0, [3], 100))
    judge.check(cache(SHAPE, HND), write(1, [7, 5, 6], 1))
    judge.check(cache(SHAPE, PER_BLOCK, gap=1), write(0, [2, 9], 1))
    judge.check_all(programs(judge.new_seed(), random_writes))


@rule("3.16")
def test_a_write_touches_nothing_else(judge: Judge) -> None:
    judge.check(cache(SHAPE), write(0, [4, -1, 6], 1))
    judge.check(cache(SHAPE), write(1, [-1, -1], 1), write(0, [], 1))
    judge.check(cache(SHAPE, HND, gap=2), write(1, [11, -1, 0], 1))
    judge.check(cache(SHAPE, PER_BLOCK, gap=1, start=5), write(0, [3, 4], 1), write(0, [4], 50))
    judge.check_all(programs(judge.new_seed(), random_writes))


@rule("3.17")
def test_a_read_gives_what_lies_in_the_slots(judge: Judge) -> None:
    judge.check(cache(SHAPE), write(0, [4, 7], 1), gather(0, [7, 4]), gather(1, [4]))
    judge.check(cache(SHAPE), gather(0, [0, 0, -1, 11]), gather(1, []))
    judge.check(cache(SHAPE, HND, gap=1), gather(1, [2, 3]), write(1, [2], 9), gather(1, [3, 2]))
    judge.check_all(programs(judge.new_seed(), random_cache))
