"""Stage 2. Your own tests of the batched table. They are graded, too (handout, task 8)."""

from __future__ import annotations

from pagedlab.block_table import BlockTable


def test_a_row_is_followed_by_zeros() -> None:
    table = BlockTable(max_num_reqs=2, max_num_blocks_per_req=3)
    table.add_row([5, 2], row_idx=1)
    assert table.get_numpy_array().tolist() == [[0, 0, 0], [5, 2, 0]]


# Write yours below: compare the whole array and all counts with what they should be.
