"""Stage 1. What the block allocator is made of: the block and the free queue.

Read next in vLLM: `vllm/v1/core/kv_cache_utils.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pagedlab.block_hash import BlockHash


@dataclass(slots=True, eq=False)
class KVCacheBlock:
    """One physical block: `block_size` KV slots on the device, named by `block_id`.

    Given. `ref_cnt` and `block_hash` are the record that tests read; you may add fields.

    Attributes:
        block_id: index of the block on the device, 0 ... num_blocks - 1.
        ref_cnt: number of holders. A block is free exactly when it is 0.
        block_hash: content hash while the block is cached, else None.
        is_null: True for the null block alone.
        prev_free_block: neighbour towards the head, while in a linked free queue.
        next_free_block: neighbour towards the tail, while in a linked free queue.
    """

    block_id: int
    ref_cnt: int = 0
    block_hash: BlockHash | None = None
    is_null: bool = False
    prev_free_block: KVCacheBlock | None = None
    next_free_block: KVCacheBlock | None = None


class FreeKVCacheBlockQueue:
    """Free blocks in the order in which they are to be reused, head first.

    A doubly linked list through the blocks themselves, between two sentinels. Suggested, not
    tested: `BlockPool` may keep its free blocks in any structure that honours the contract.
    """

    num_free_blocks: int
    """Number of linked blocks."""

    def __init__(self, blocks: Iterable[KVCacheBlock]) -> None:
        """Link `blocks` in the given order.

        Args:
            blocks: free blocks, the first of them to be reused first.
        """
        raise NotImplementedError("Stage 1 · FreeKVCacheBlockQueue.__init__ is not written yet")

    def popleft(self) -> KVCacheBlock:
        """Take the block at the head, in O(1).

        Returns:
            The block, no longer linked.

        Raises:
            OutOfBlocks: the queue is empty.
        """
        raise NotImplementedError("Stage 1 · FreeKVCacheBlockQueue.popleft is not written yet")

    def remove(self, block: KVCacheBlock) -> None:
        """Unlink `block` from wherever it stands, in O(1).

        Args:
            block: a block of this queue.

        Raises:
            UnknownBlock: the block is not linked.
        """
        raise NotImplementedError("Stage 1 · FreeKVCacheBlockQueue.remove is not written yet")

    def append(self, block: KVCacheBlock) -> None:
        """Put `block` at the tail: reused last.

        Args:
            block: a block that is in no queue.
        """
        raise NotImplementedError("Stage 1 · FreeKVCacheBlockQueue.append is not written yet")

    def prepend(self, block: KVCacheBlock) -> None:
        """Put `block` at the head: reused first.

        Args:
            block: a block that is in no queue.
        """
        raise NotImplementedError("Stage 1 · FreeKVCacheBlockQueue.prepend is not written yet")

    def ids(self) -> list[int]:
        """Ids of the linked blocks from head to tail, in O(n): for checks, not for work."""
        raise NotImplementedError("Stage 1 · FreeKVCacheBlockQueue.ids is not written yet")
