"""Free blocks without a hash on a stack, cached ones in a dict by the time of their freeing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from pagedlab.block_hash import BlockHash
from pagedlab.errors import DoubleFree, IntegrityError, OutOfBlocks, UnknownBlock
from pagedlab.kv_cache_utils import KVCacheBlock


class BlockPool:
    """A pool whose last freed block without a hash is reused first."""

    def __init__(self, num_blocks: int) -> None:
        if num_blocks < 1:
            raise ValueError("a pool has at least one block")
        self.null_block = KVCacheBlock(0, is_null=True)
        self._blocks = [self.null_block, *map(KVCacheBlock, range(1, num_blocks))]
        self._stack = self._blocks[:0:-1]
        self._evictable: OrderedDict[int, KVCacheBlock] = OrderedDict()
        self._by_hash: dict[BlockHash, dict[int, KVCacheBlock]] = {}

    def get_num_free_blocks(self) -> int:
        """Number of blocks that could be handed out."""
        return len(self._stack) + len(self._evictable)

    def get_usage(self) -> float:
        """Share of the usable blocks in use."""
        usable = len(self._blocks) - 1
        if usable == 0:
            return 0.0
        return (usable - self.get_num_free_blocks()) / usable

    def get_new_blocks(self, num_blocks: int) -> list[KVCacheBlock]:
        """Hand out blocks from the stack, then the oldest cached ones."""
        if num_blocks < 0:
            raise ValueError("a negative number of blocks")
        if num_blocks > self.get_num_free_blocks():
            raise OutOfBlocks(f"{num_blocks} blocks")
        return [self._take() for _ in range(num_blocks)]

    def touch(self, blocks: Sequence[KVCacheBlock]) -> None:
        """Add a holder to each block."""
        self._check(blocks)
        for block in blocks:
            if block is self.null_block:
                continue
            if block.ref_cnt == 0 and self._evictable.pop(block.block_id, None) is None:
                self._stack.remove(block)
            block.ref_cnt += 1

    def free_blocks(self, ordered_blocks: Iterable[KVCacheBlock]) -> None:
        """Take a holder from each block."""
        blocks = [block for block in ordered_blocks if block is not self.null_block]
        self._check(blocks)
        left: dict[int, int] = {}
        for block in blocks:
            left[block.block_id] = left.get(block.block_id, block.ref_cnt) - 1
        if any(count < 0 for count in left.values()):
            raise DoubleFree("a block has fewer holders than that")
        for block in blocks:
            block.ref_cnt -= 1
            if block.ref_cnt > 0:
                continue
            if block.block_hash is None:
                self._stack.append(block)
            else:
                self._evictable[block.block_id] = block

    def cache_full_block(self, block: KVCacheBlock, block_hash: BlockHash) -> None:
        """Make a block findable."""
        self._check([block])
        if block is self.null_block or block.ref_cnt == 0 or block.block_hash is not None:
            raise ValueError("the block cannot be cached")
        block.block_hash = block_hash
        self._by_hash.setdefault(block_hash, {})[block.block_id] = block

    def get_cached_block(self, block_hash: BlockHash) -> KVCacheBlock | None:
        """Find a block by its hash."""
        for block in self._by_hash.get(block_hash, {}).values():
            return block
        return None

    def reset_prefix_cache(self) -> bool:
        """Forget all hashes of an idle pool."""
        if self.get_num_free_blocks() != len(self._blocks) - 1:
            return False
        for block in self._evictable.values():
            block.block_hash = None
            self._stack.append(block)
        self._evictable.clear()
        self._by_hash.clear()
        return True

    def check_integrity(self) -> None:
        """Compare stack, evictable blocks and hash map with the blocks."""
        stacked = [block.block_id for block in self._stack]
        free = sorted(stacked + list(self._evictable))
        if free != [block.block_id for block in self._blocks[1:] if block.ref_cnt == 0]:
            raise IntegrityError("the free blocks are not those without holders")
        if any(block.ref_cnt < 0 for block in self._blocks):
            raise IntegrityError("a negative number of holders")
        mapped = {index: key for key, found in self._by_hash.items() for index in found}
        hashed = {b.block_id: b.block_hash for b in self._blocks if b.block_hash is not None}
        if mapped != hashed or sum(map(len, self._by_hash.values())) != len(hashed):
            raise IntegrityError("the hash map differs from the blocks")

    def _take(self) -> KVCacheBlock:
        if self._stack:
            block = self._stack.pop()
        else:
            _, block = self._evictable.popitem(last=False)
            self._forget(block)
        block.ref_cnt = 1
        return block

    def _forget(self, block: KVCacheBlock) -> None:
        assert block.block_hash is not None
        found = self._by_hash[block.block_hash]
        del found[block.block_id]
        if not found:
            del self._by_hash[block.block_hash]
        block.block_hash = None

    def _check(self, blocks: Iterable[KVCacheBlock]) -> None:
        for block in blocks:
            if not 0 <= block.block_id < len(self._blocks):
                raise UnknownBlock(f"no block has id {block.block_id}")
            if self._blocks[block.block_id] is not block:
                raise UnknownBlock(f"block {block.block_id} is of another pool")
