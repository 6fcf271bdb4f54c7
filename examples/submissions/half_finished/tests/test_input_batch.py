"""Stage 7. Your own tests of the batch. They are graded, too (handout, task 9)."""

from __future__ import annotations

from pagedlab.input_batch import InputBatch


def test_new_blocks_stand_behind_the_table() -> None:
    batch = InputBatch(max_num_reqs=2, max_num_blocks_per_req=4, block_size=2)
    batch.add_request("a", [5])
    batch.append_block_ids("a", [3, 9])
    assert batch.get_block_ids("a") == [5, 3, 9]


# Write yours below. Rows that come and go in all orders show most bugs.
