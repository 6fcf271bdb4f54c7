"""Stage 1. What the block allocator is made of: the block and the free queue.

Read next in vLLM: `vllm/v1/core/kv_cache_utils.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pagedlab.block_hash import BlockHash
from pagedlab.errors import OutOfBlocks, UnknownBlock


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
        # BEGIN SOLUTION
        self.num_free_blocks = 0
        self._head = KVCacheBlock(block_id=-1)
        self._tail = KVCacheBlock(block_id=-1, prev_free_block=self._head)
        self._head.next_free_block = self._tail
        for block in blocks:
            self.append(block)
        # END SOLUTION

    def popleft(self) -> KVCacheBlock:
        """Take the block at the head, in O(1).

        Returns:
            The block, no longer linked.

        Raises:
            OutOfBlocks: the queue is empty.
        """
        # BEGIN SOLUTION
        block = self._head.next_free_block
        if block is None or block is self._tail:
            raise OutOfBlocks("the free queue is empty")
        self.remove(block)
        return block
        # END SOLUTION

    def remove(self, block: KVCacheBlock) -> None:
        """Unlink `block` from wherever it stands, in O(1).

        Args:
            block: a block of this queue.

        Raises:
            UnknownBlock: the block is not linked.
        """
        # BEGIN SOLUTION
        before, after = block.prev_free_block, block.next_free_block
        if before is None or after is None:
            raise UnknownBlock(f"block {block.block_id} is not in the free queue")
        before.next_free_block, after.prev_free_block = after, before
        block.prev_free_block = block.next_free_block = None
        self.num_free_blocks -= 1
        # END SOLUTION

    def append(self, block: KVCacheBlock) -> None:
        """Put `block` at the tail: reused last.

        Args:
            block: a block that is in no queue.
        """
        # BEGIN SOLUTION
        assert self._tail.prev_free_block is not None
        self._link(self._tail.prev_free_block, block, self._tail)
        # END SOLUTION

    def prepend(self, block: KVCacheBlock) -> None:
        """Put `block` at the head: reused first.

        Args:
            block: a block that is in no queue.
        """
        # BEGIN SOLUTION
        assert self._head.next_free_block is not None
        self._link(self._head, block, self._head.next_free_block)
        # END SOLUTION

    def ids(self) -> list[int]:
        """Ids of the linked blocks from head to tail, in O(n): for checks, not for work."""
        # BEGIN SOLUTION
        found: list[int] = []
        block = self._head.next_free_block
        while block is not None and block is not self._tail:
            found.append(block.block_id)
            block = block.next_free_block
        return found
        # END SOLUTION

    # BEGIN SOLUTION
    def _link(self, before: KVCacheBlock, block: KVCacheBlock, after: KVCacheBlock) -> None:
        block.prev_free_block, block.next_free_block = before, after
        before.next_free_block = after.prev_free_block = block
        self.num_free_blocks += 1

    # END SOLUTION
