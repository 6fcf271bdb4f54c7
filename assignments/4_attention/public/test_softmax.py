"""Group A, public: the online softmax, in plain torch."""

from __future__ import annotations

from stage4.operations import softmax

from autograder.judge.rules import Judge, rule
from autograder.paged_batch.scores import SoftmaxSpec


@rule("4.1")
def test_keys_that_come_tile_by_tile_give_the_softmax_over_all_of_them(judge: Judge) -> None:
    for tiles in ((5,), (1, 1, 1), (4, 1, 7), (3, 8, 2, 6)):
        for kind in ("plain", "rising"):
            judge.check(softmax(SoftmaxSpec(tiles, kind=kind, seed=len(tiles))))
    judge.check(softmax(SoftmaxSpec((4, 3), rows=1, head_size=1)))
    judge.check(softmax(SoftmaxSpec((3, 5, 2), parts=2, seed=7)))
    judge.check(softmax(SoftmaxSpec((6, 5), rows=5, head_size=80, seed=judge.new_seed())))


@rule("4.2")
def test_large_scores_overflow_nothing_and_masked_tiles_change_nothing(judge: Judge) -> None:
    for seed in range(3):
        judge.check(softmax(SoftmaxSpec((4, 4, 3), kind="large", seed=seed)))
        judge.check(softmax(SoftmaxSpec((4, 4, 3), rows=4, kind="masked", seed=seed)))
    judge.check(softmax(SoftmaxSpec((3,), rows=2, kind="masked")))
    judge.check(softmax(SoftmaxSpec((2, 2), kind="large", seed=judge.new_seed())))
