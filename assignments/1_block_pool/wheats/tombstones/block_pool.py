"""Two queues with lazy removal, the blocks without a hash first in, first out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pagedlab.block_hash import BlockHash
from pagedlab.errors import DoubleFree, IntegrityError, OutOfBlocks, UnknownBlock
from pagedlab.kv_cache_utils import ForgetfulQueue, KVCacheBlock


class BlockPool:
    """A pool that reuses blocks without a hash in the order in which they were freed."""

    def __init__(self, num_blocks: int) -> None:
        if num_blocks < 1:
            raise ValueError("too small")
        self.blocks = [KVCacheBlock(index) for index in range(num_blocks)]
        self.blocks[0].is_null = True
        self.null_block = self.blocks[0]
        self.fresh = ForgetfulQueue()
        self.stale = ForgetfulQueue()
        for block in self.blocks[1:]:
            self.fresh.put(block)
        self.index: dict[BlockHash, dict[KVCacheBlock, bool]] = {}

    def get_num_free_blocks(self) -> int:
        """Number of blocks that could be handed out."""
        return self.fresh.length + self.stale.length

    def get_usage(self) -> float:
        """Share of the usable blocks in use."""
        usable = len(self.blocks) - 1
        return 1.0 - self.get_num_free_blocks() / usable if usable else 0.0

    def get_new_blocks(self, num_blocks: int) -> list[KVCacheBlock]:
        """Hand out fresh blocks, then stale ones."""
        if num_blocks < 0:
            raise ValueError("less than none")
        if num_blocks > self.get_num_free_blocks():
            raise OutOfBlocks("too many")
        blocks = []
        for _ in range(num_blocks):
            block = self.fresh.take() if self.fresh.length else self.evict()
            block.ref_cnt = 1
            blocks.append(block)
        return blocks

    def touch(self, blocks: Sequence[KVCacheBlock]) -> None:
        """Add a holder to each block."""
        self.demand_own(blocks)
        for block in blocks:
            if block is self.null_block:
                continue
            if block.ref_cnt == 0:
                self.queue_of(block).forget(block)
            block.ref_cnt += 1

    def free_blocks(self, ordered_blocks: Iterable[KVCacheBlock]) -> None:
        """Take a holder from each block."""
        blocks = list(ordered_blocks)
        self.demand_own(blocks)
        counts = Counter(blocks)
        del counts[self.null_block]
        if any(block.ref_cnt < count for block, count in counts.items()):
            raise DoubleFree("too often")
        for block in blocks:
            if block is not self.null_block:
                block.ref_cnt -= 1
                if block.ref_cnt == 0:
                    self.queue_of(block).put(block)

    def cache_full_block(self, block: KVCacheBlock, block_hash: BlockHash) -> None:
        """Make a block findable."""
        self.demand_own([block])
        if block.ref_cnt < 1 or block.block_hash is not None:
            raise ValueError("free, or cached")
        block.block_hash = block_hash
        self.index.setdefault(block_hash, {})[block] = True

    def get_cached_block(self, block_hash: BlockHash) -> KVCacheBlock | None:
        """Find the block that was cached first by its hash."""
        return next(iter(self.index.get(block_hash, ())), None)

    def reset_prefix_cache(self) -> bool:
        """Forget all hashes of an idle pool."""
        if self.get_num_free_blocks() + 1 < len(self.blocks):
            return False
        while self.stale.length:
            self.fresh.put(self.evict())
        return True

    def check_integrity(self) -> None:
        """Compare queues and index with the blocks."""
        fresh, stale = list(self.fresh), list(self.stale)
        if len(fresh) != self.fresh.length or len(stale) != self.stale.length:
            raise IntegrityError("a queue counts wrong")
        free = {block.block_id for block in fresh + stale}
        for block in self.blocks[1:]:
            if block.ref_cnt < 0 or (block.ref_cnt == 0) != (block.block_id in free):
                raise IntegrityError(f"block {block.block_id}: {block.ref_cnt} holders")
        if any(block.block_hash is not None for block in fresh):
            raise IntegrityError("a cached block is among the fresh ones")
        for block in self.blocks:
            known = block.block_hash is None or block in self.index.get(block.block_hash, ())
            if not known:
                raise IntegrityError(f"block {block.block_id} is not in the index")
        for key, found in self.index.items():
            if not found or any(block.block_hash != key for block in found):
                raise IntegrityError("the index is out of date")

    def queue_of(self, block: KVCacheBlock) -> ForgetfulQueue:
        """Where a free block stands, or will."""
        return self.fresh if block.block_hash is None else self.stale

    def evict(self) -> KVCacheBlock:
        """Take the block that has been stale for the longest time, without its hash."""
        block = self.stale.take()
        assert block.block_hash is not None
        found = self.index[block.block_hash]
        del found[block]
        if not found:
            del self.index[block.block_hash]
        block.block_hash = None
        return block

    def demand_own(self, blocks: Iterable[KVCacheBlock]) -> None:
        """Raise UnknownBlock unless all blocks are of this pool."""
        for block in blocks:
            if block.block_id not in range(len(self.blocks)):
                raise UnknownBlock("no such id")
            if self.blocks[block.block_id] is not block:
                raise UnknownBlock("of another pool")
