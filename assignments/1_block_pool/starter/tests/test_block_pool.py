"""Stage 1. Your own tests of the block allocator. They are graded, too (handout, task 8).

Run them with `.venv/bin/python -m pytest tests`.
"""

from __future__ import annotations

from pagedlab.block_pool import BlockPool


def test_a_new_pool_has_every_block_free_but_the_null_block() -> None:
    assert BlockPool(num_blocks=10).get_num_free_blocks() == 9


# Write yours below. They run against wrong allocators, and earn points for each that they catch. A
# test that rejects a correct allocator does not count. A good test
#
# - states one rule of the contract in its name, and needs a few calls to check it;
# - relies on the contract alone: block ids, the order among free blocks without a hash, attributes
#   that begin with an underscore and the texts of errors are each student's own choice;
# - looks at the state after an error, too (`pytest.raises`, and the types in `pagedlab.errors`): an
#   operation that raises changes nothing;
# - tries the edges: no blocks, all blocks, one block twice, an evicted block, the null block.
#
# Of each test ask: which bug makes it fail? If you can think of none, it catches none.
