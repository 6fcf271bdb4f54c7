"""Designed batches have in them what wrong kernels stumble over."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.paged_batch.draw import GARBAGE, draw, needles, rounded
from autograder.paged_batch.exact import attention
from autograder.paged_batch.spec import BatchSpec

SPEC = BatchSpec((1, 15, 16, 17, 70), (1, 4, 1, 0, 3), 4, 2, dtype="float16", seed=3, shared=0)


def test_every_token_has_a_slot_of_its_own_and_nothing_else_is_held() -> None:
    batch = draw(SPEC)
    assert batch.held.sum() == sum(SPEC.seq_lens)
    assert np.isnan(batch.keys[~batch.held]).all() and np.isnan(batch.values[~batch.held]).all()
    assert np.isfinite(batch.keys[batch.held]).all()
    assert (~batch.held).all(axis=1).sum() >= 2, "some blocks are free"


def test_the_table_holds_garbage_behind_each_sequences_blocks() -> None:
    batch = draw(SPEC)
    for row in range(len(SPEC.seq_lens)):
        count = SPEC.blocks_of(row)
        assert (
            (batch.table[row, :count] >= 0) & (batch.table[row, :count] < len(batch.held))
        ).all()
        assert set(batch.table[row, count:].tolist()) <= set(GARBAGE)


def test_scores_are_neither_flat_nor_one_key_alone() -> None:
    batch = draw(BatchSpec((200,), (50,), 2, 1, seed=1))
    keys = batch.keys[batch.held][:, 0]
    scores = np.einsum("thd,kd->thk", batch.query, keys) * batch.scale
    assert 2.0 < scores.std() < 5.0
    assert abs(np.nanmean(batch.values)) > 0.1


@pytest.mark.parametrize("length", [1, 15, 16, 17, 65, 300])
def test_needles_lie_at_the_ends_and_at_edges_of_blocks_and_tiles(length: int) -> None:
    at = needles(length, 16)
    assert {0, length - 1, length // 2} <= set(at)
    assert {edge for edge in (15, 16, 63, 64) if edge < length} <= set(at)


def test_each_needle_counts_in_the_output() -> None:
    spec = BatchSpec((70,), (1,), 1, 1, seed=5)
    batch, whole = draw(spec), attention(spec, draw(spec))
    for position in needles(70, 16):
        values = batch.values.copy()
        values[batch.table[0, position // 16], position % 16] = 0.0
        changed = attention(spec, type(batch)(**{**vars(batch), "values": values}))
        assert np.abs(changed - whole).max() > 0.1, position


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_rounding_is_to_the_nearest_number_and_changes_nothing_twice(dtype: str) -> None:
    numbers = np.array([1.0, 1.001953125, 1.00390625, -3.14159, np.nan])
    once = rounded(numbers, dtype)
    assert np.array_equal(rounded(once, dtype), once, equal_nan=True)
    if dtype == "bfloat16":
        assert once[:3].tolist() == [1.0, 1.0, 1.0], "ties go to the even one"


def test_a_spec_survives_the_way_to_the_worker() -> None:
    assert BatchSpec.from_json(SPEC.changed()) == SPEC
