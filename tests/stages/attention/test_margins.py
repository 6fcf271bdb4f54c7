"""Right kernels stay far below the tolerance, and wrong ones far above: as recorded, or better."""

from __future__ import annotations

import pytest

from autograder.judge.parents import Parents
from autograder.paged_batch.tolerance import tolerances
from tests.stages.attention.margins import honest, wrong

SEEDS, KERNELS = range(6), ("reference", "program_per_head", "always_split")
A_FEW = ("own_key_missing", "context_forgotten", "one_key_too_many", "heads_dealt_round")


@pytest.mark.parametrize("dtype", tolerances())
def test_correct_kernels_use_no_more_of_the_tolerance_than_recorded(
    dtype: str, parents: Parents
) -> None:
    assert honest(parents, dtype, SEEDS, KERNELS) <= tolerances()[dtype].honest < 0.5


@pytest.mark.parametrize("dtype", tolerances())
def test_wrong_kernels_exceed_the_tolerance_by_what_is_recorded(
    dtype: str, parents: Parents
) -> None:
    assert wrong(parents, dtype, A_FEW) >= tolerances()[dtype].wrong >= 3.0
