"""The reference's own tests of stage 1: behaviour and invariants, never ids or internals."""

from __future__ import annotations

import pytest

from pagedlab.block_hash import hash_block_tokens
from pagedlab.block_pool import BlockPool
from pagedlab.errors import DoubleFree, IntegrityError, OutOfBlocks, UnknownBlock
from pagedlab.kv_cache_utils import KVCacheBlock

State = tuple[int, float, list[tuple[int, bytes | None]]]


def state(pool: BlockPool, blocks: list[KVCacheBlock]) -> State:
    shown = [(block.ref_cnt, block.block_hash) for block in blocks]
    return pool.get_num_free_blocks(), pool.get_usage(), shown


def cached_pool(usable: int) -> tuple[BlockPool, list[KVCacheBlock]]:
    """A full pool whose blocks are cached under b"0", b"1", ..."""
    pool = BlockPool(usable + 1)
    blocks = pool.get_new_blocks(usable)
    for index, block in enumerate(blocks):
        pool.cache_full_block(block, str(index).encode())
    return pool, blocks


def found(pool: BlockPool, usable: int) -> list[int]:
    return [i for i in range(usable) if pool.get_cached_block(str(i).encode()) is not None]


def test_a_new_pool_has_every_block_free_but_the_null_block() -> None:
    pool = BlockPool(5)
    assert (pool.get_num_free_blocks(), pool.get_usage()) == (4, 0.0)
    assert pool.null_block.is_null and pool.null_block.block_id == 0
    with pytest.raises(ValueError):
        BlockPool(0)


def test_usage_counts_usable_blocks_alone() -> None:
    pool = BlockPool(5)
    pool.get_new_blocks(1)
    assert pool.get_usage() == 0.25
    pool.get_new_blocks(3)
    assert pool.get_usage() == 1.0
    assert BlockPool(1).get_usage() == 0.0


def test_blocks_are_different_unheld_and_not_null() -> None:
    pool = BlockPool(5)
    blocks = pool.get_new_blocks(4)
    assert len({block.block_id for block in blocks}) == 4
    assert pool.null_block not in blocks
    assert [block.ref_cnt for block in blocks] == [1, 1, 1, 1]
    pool.free_blocks(blocks[1:3])
    again = pool.get_new_blocks(2)
    assert {block.block_id for block in again} == {block.block_id for block in blocks[1:3]}


@pytest.mark.parametrize("wanted", [3, 4])
def test_a_failed_allocation_changes_nothing(wanted: int) -> None:
    pool = BlockPool(5)
    blocks = pool.get_new_blocks(2)
    before = state(pool, blocks)
    with pytest.raises(OutOfBlocks):
        pool.get_new_blocks(wanted)
    assert state(pool, blocks) == before
    assert len(pool.get_new_blocks(2)) == 2


def test_a_negative_count_raises() -> None:
    pool = BlockPool(5)
    with pytest.raises(ValueError):
        pool.get_new_blocks(-1)
    assert pool.get_num_free_blocks() == 4
    assert pool.get_new_blocks(0) == []


def test_a_shared_block_is_free_after_its_last_holder() -> None:
    pool = BlockPool(3)
    (block,) = pool.get_new_blocks(1)
    pool.touch([block, block])
    assert (block.ref_cnt, pool.get_num_free_blocks()) == (3, 1)
    pool.free_blocks([block])
    pool.free_blocks([block])
    assert (block.ref_cnt, pool.get_num_free_blocks()) == (1, 1)
    assert pool.get_new_blocks(1) != [block]
    pool.free_blocks([block])
    assert (block.ref_cnt, pool.get_num_free_blocks()) == (0, 1)


@pytest.mark.parametrize("extra", [1, 2])
def test_a_double_free_raises_and_changes_nothing(extra: int) -> None:
    pool = BlockPool(4)
    blocks = pool.get_new_blocks(2)
    before = state(pool, blocks)
    with pytest.raises(DoubleFree):
        pool.free_blocks([blocks[1], *[blocks[0]] * (extra + 1)])
    assert state(pool, blocks) == before
    pool.free_blocks(blocks)
    with pytest.raises(DoubleFree):
        pool.free_blocks([blocks[0]])
    assert state(pool, blocks)[0] == 3


def test_a_stranger_raises_and_changes_nothing() -> None:
    pool = BlockPool(4)
    blocks = pool.get_new_blocks(2)
    stranger = KVCacheBlock(block_id=1, ref_cnt=1)
    before = state(pool, blocks)
    with pytest.raises(UnknownBlock):
        pool.free_blocks([blocks[0], stranger])
    with pytest.raises(UnknownBlock):
        pool.touch([blocks[0], stranger])
    with pytest.raises(UnknownBlock):
        pool.cache_full_block(stranger, b"h")
    assert state(pool, blocks) == before


def test_the_null_block_is_passed_over() -> None:
    pool = BlockPool(3)
    (block,) = pool.get_new_blocks(1)
    pool.touch([pool.null_block, block])
    pool.free_blocks([pool.null_block, block, block])
    assert pool.get_num_free_blocks() == 2
    with pytest.raises(ValueError):
        pool.cache_full_block(pool.null_block, b"h")
    assert pool.null_block not in pool.get_new_blocks(2)


def test_only_held_blocks_without_a_hash_can_be_cached() -> None:
    pool = BlockPool(3)
    (block,) = pool.get_new_blocks(1)
    pool.cache_full_block(block, b"h")
    with pytest.raises(ValueError):
        pool.cache_full_block(block, b"other")
    assert pool.get_cached_block(b"h") is block and pool.get_cached_block(b"other") is None
    (second,) = pool.get_new_blocks(1)
    pool.free_blocks([second])
    with pytest.raises(ValueError):
        pool.cache_full_block(second, b"second")
    assert pool.get_cached_block(b"second") is None


def test_a_hit_on_a_free_block_brings_it_back() -> None:
    pool, blocks = cached_pool(3)
    pool.free_blocks(blocks)
    hit = pool.get_cached_block(b"1")
    assert hit is blocks[1] and hit.ref_cnt == 0 and pool.get_num_free_blocks() == 3
    pool.touch([hit])
    assert (hit.ref_cnt, hit.block_hash, pool.get_num_free_blocks()) == (1, b"1", 2)
    assert hit not in pool.get_new_blocks(2)
    pool.check_integrity()


def test_an_evicted_block_has_lost_its_hash() -> None:
    pool, blocks = cached_pool(1)
    pool.free_blocks(blocks)
    (block,) = pool.get_new_blocks(1)
    assert block.block_hash is None and pool.get_cached_block(b"0") is None
    pool.cache_full_block(block, b"new")
    assert pool.get_cached_block(b"new") is block


def test_twins_live_side_by_side() -> None:
    for first in (0, 1):
        pool = BlockPool(3)
        twins = pool.get_new_blocks(2)
        for block in twins:
            pool.cache_full_block(block, b"h")
        pool.free_blocks([twins[first]])
        assert pool.get_new_blocks(1) == [twins[first]]
        assert pool.get_cached_block(b"h") is twins[1 - first]


def test_what_can_be_hit_goes_last() -> None:
    pool, blocks = cached_pool(2)
    pool.free_blocks(blocks)
    pool.get_new_blocks(1)
    pool = BlockPool(4)
    blocks = pool.get_new_blocks(3)
    pool.cache_full_block(blocks[1], b"h")
    pool.free_blocks([blocks[1]])
    pool.free_blocks([blocks[0]])
    pool.free_blocks([blocks[2]])
    assert blocks[1] not in pool.get_new_blocks(2)
    assert pool.get_new_blocks(1) == [blocks[1]]


def test_the_least_recently_freed_is_evicted_first() -> None:
    pool, blocks = cached_pool(4)
    pool.free_blocks([blocks[2]])
    pool.free_blocks([blocks[3], blocks[0]])
    pool.free_blocks([blocks[1]])
    left = []
    for _ in range(4):
        pool.get_new_blocks(1)
        left.append(found(pool, 4))
    assert left == [[0, 1, 3], [0, 1], [1], []]


def test_a_revived_block_is_freed_anew_but_a_lookup_is_no_use() -> None:
    pool, blocks = cached_pool(3)
    pool.free_blocks(blocks)
    pool.touch([blocks[0]])
    pool.free_blocks([blocks[0]])
    assert pool.get_cached_block(b"1") is blocks[1]
    pool.get_new_blocks(1)
    assert found(pool, 3) == [0, 2]


def test_the_cache_is_reset_only_when_idle() -> None:
    pool, blocks = cached_pool(2)
    pool.free_blocks(blocks[:1])
    assert pool.reset_prefix_cache() is False
    assert found(pool, 2) == [0, 1] and blocks[0].block_hash == b"0"
    pool.free_blocks(blocks[1:])
    assert pool.reset_prefix_cache() is True
    assert found(pool, 2) == [] and blocks[0].block_hash is None
    for index, block in enumerate(pool.get_new_blocks(2)):
        pool.cache_full_block(block, str(index).encode())
    assert found(pool, 2) == [0, 1]


def test_a_hash_stands_for_the_whole_prefix() -> None:
    first = hash_block_tokens(None, [1, 2, 3, 4])
    assert first == hash_block_tokens(None, [1, 2, 3, 4])
    after = hash_block_tokens(first, [5, 6])
    different = [
        *(hash_block_tokens(None, tokens) for tokens in ([4, 3, 2, 1], [1, 2, 3], [5, 6])),
        *(hash_block_tokens(None, tokens) for tokens in ([1, 23], [12, 3], [1], [257], [1, 0])),
        hash_block_tokens(hash_block_tokens(None, [4, 3, 2, 1]), [5, 6]),
        hash_block_tokens(None, [1], ("ab", "c")),
        hash_block_tokens(None, [1], ("a", "bc")),
        hash_block_tokens(first, [5, 6], ("lora",)),
    ]
    assert len({first, after, *different}) == 2 + len(different)


def test_check_integrity_accepts_healthy_pools() -> None:
    pool, blocks = cached_pool(3)
    pool.check_integrity()
    pool.free_blocks(blocks[1:])
    pool.check_integrity()
    pool.get_new_blocks(1)
    pool.check_integrity()
    BlockPool(1).check_integrity()


@pytest.mark.parametrize("field, value, which", [("ref_cnt", 1, 1), ("ref_cnt", 0, 0)])
def test_check_integrity_notices_wrong_holders(field: str, value: int, which: int) -> None:
    pool = BlockPool(4)
    blocks = pool.get_new_blocks(2)
    pool.free_blocks(blocks[1:])
    setattr(blocks[which], field, value)
    with pytest.raises(IntegrityError):
        pool.check_integrity()


@pytest.mark.parametrize("which, block_hash", [(0, None), (0, b"x"), (1, b"x")])
def test_check_integrity_notices_wrong_hashes(which: int, block_hash: bytes | None) -> None:
    pool = BlockPool(4)
    blocks = pool.get_new_blocks(2)
    pool.cache_full_block(blocks[0], b"h")
    blocks[which].block_hash = block_hash
    with pytest.raises(IntegrityError):
        pool.check_integrity()
