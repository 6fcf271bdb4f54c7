"""One heap of free blocks with lazy deletion: O(log n) a block."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence

from pagedlab.block_hash import BlockHash
from pagedlab.errors import DoubleFree, IntegrityError, OutOfBlocks, UnknownBlock
from pagedlab.kv_cache_utils import KVCacheBlock

Ticket = tuple[bool, int, int]
"""Whether the block is cached, when it was freed, its id: in the order of reuse."""


class BlockPool:
    """A pool that gives each free block a ticket; a ticket that is not the block's last is void."""

    def __init__(self, num_blocks: int) -> None:
        if num_blocks < 1:
            raise ValueError("num_blocks must be positive")
        self._blocks = {index: KVCacheBlock(index) for index in range(num_blocks)}
        self.null_block = self._blocks[0]
        self.null_block.is_null = True
        self._now = 0
        self._tickets: dict[int, Ticket] = {i: (False, 0, i) for i in range(1, num_blocks)}
        self._heap = list(self._tickets.values())
        self._cache: defaultdict[BlockHash, set[int]] = defaultdict(set)

    def get_num_free_blocks(self) -> int:
        """Number of blocks that could be handed out."""
        return len(self._tickets)

    def get_usage(self) -> float:
        """Share of the usable blocks in use."""
        usable = len(self._blocks) - 1
        return 1 - len(self._tickets) / usable if usable else 0.0

    def get_new_blocks(self, num_blocks: int) -> list[KVCacheBlock]:
        """Hand out the blocks with the first valid tickets."""
        if num_blocks < 0:
            raise ValueError("num_blocks must not be negative")
        if num_blocks > len(self._tickets):
            raise OutOfBlocks(f"only {len(self._tickets)} left")
        return [self._pop() for _ in range(num_blocks)]

    def touch(self, blocks: Sequence[KVCacheBlock]) -> None:
        """Add a holder to each block; the ticket of a free one becomes void."""
        if not all(map(self._is_ours, blocks)):
            raise UnknownBlock("not a block of this pool")
        for block in blocks:
            if not block.is_null:
                self._tickets.pop(block.block_id, None)
                block.ref_cnt += 1

    def free_blocks(self, ordered_blocks: Iterable[KVCacheBlock]) -> None:
        """Take a holder from each block."""
        blocks = tuple(ordered_blocks)
        if not all(map(self._is_ours, blocks)):
            raise UnknownBlock("not a block of this pool")
        holders = {block: block.ref_cnt for block in blocks if not block.is_null}
        for block in blocks:
            if block.is_null:
                continue
            if holders[block] == 0:
                raise DoubleFree(f"block {block.block_id}")
            holders[block] -= 1
        for block in blocks:
            if not block.is_null:
                block.ref_cnt -= 1
                if block.ref_cnt == 0:
                    self._push(block)

    def cache_full_block(self, block: KVCacheBlock, block_hash: BlockHash) -> None:
        """Make a block findable."""
        if not self._is_ours(block):
            raise UnknownBlock("not a block of this pool")
        if block.is_null or block.ref_cnt == 0 or block.block_hash is not None:
            raise ValueError("null, free or cached")
        block.block_hash = block_hash
        self._cache[block_hash].add(block.block_id)

    def get_cached_block(self, block_hash: BlockHash) -> KVCacheBlock | None:
        """Find the block with the lowest id by its hash."""
        if block_hash not in self._cache:
            return None
        return self._blocks[min(self._cache[block_hash])]

    def reset_prefix_cache(self) -> bool:
        """Forget all hashes of an idle pool."""
        if len(self._tickets) < len(self._blocks) - 1:
            return False
        self._cache.clear()
        for block in self._blocks.values():
            block.block_hash = None
        self._tickets = {index: (False, 0, index) for index in self._tickets}
        self._heap = sorted(self._tickets.values())
        return True

    def check_integrity(self) -> None:
        """Compare tickets, heap and cache with the blocks."""
        usable = [block for block in self._blocks.values() if not block.is_null]
        for block in usable:
            ticket = self._tickets.get(block.block_id)
            if block.ref_cnt < 0 or (ticket is None) != (block.ref_cnt > 0):
                raise IntegrityError(f"block {block.block_id}: {block.ref_cnt} holders, {ticket}")
            if ticket is not None and ticket[0] != (block.block_hash is not None):
                raise IntegrityError(f"block {block.block_id}: ticket {ticket}")
        if not set(self._tickets.values()) <= set(self._heap):
            raise IntegrityError("a valid ticket is not in the heap")
        cached = {(key, index) for key, ids in self._cache.items() for index in ids}
        if cached != {(b.block_hash, b.block_id) for b in usable if b.block_hash is not None}:
            raise IntegrityError("the cache differs from the blocks")

    def _push(self, block: KVCacheBlock) -> None:
        self._now += 1
        ticket = (block.block_hash is not None, self._now, block.block_id)
        self._tickets[block.block_id] = ticket
        heapq.heappush(self._heap, ticket)
        if len(self._heap) > 2 * len(self._blocks):
            self._heap = sorted(self._tickets.values())

    def _pop(self) -> KVCacheBlock:
        while True:
            ticket = heapq.heappop(self._heap)
            index = ticket[2]
            if self._tickets.get(index) == ticket:
                break
        del self._tickets[index]
        block = self._blocks[index]
        if block.block_hash is not None:
            self._cache[block.block_hash].remove(index)
            if not self._cache[block.block_hash]:
                del self._cache[block.block_hash]
            block.block_hash = None
        block.ref_cnt = 1
        return block

    def _is_ours(self, block: KVCacheBlock) -> bool:
        return self._blocks.get(block.block_id) is block
