"""Two linked lists of free blocks, one for those without a hash and one for those with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pagedlab.block_hash import BlockHash
from pagedlab.errors import DoubleFree, IntegrityError, OutOfBlocks, UnknownBlock
from pagedlab.kv_cache_utils import KVCacheBlock, Ring


class BlockPool:
    """A pool that reuses the block without a hash that has been free for the longest time."""

    def __init__(self, num_blocks: int) -> None:
        if num_blocks <= 0:
            raise ValueError("no room for the null block")
        self._blocks = [KVCacheBlock(index) for index in range(num_blocks)]
        self.null_block = self._blocks[0]
        self.null_block.is_null = True
        self._plain, self._cached = Ring(), Ring()
        for block in self._blocks[1:]:
            self._plain.push(block)
        self._found: dict[BlockHash, list[KVCacheBlock]] = {}

    def get_num_free_blocks(self) -> int:
        """Number of blocks that could be handed out."""
        return len(self._plain) + len(self._cached)

    def get_usage(self) -> float:
        """Share of the usable blocks in use."""
        if len(self._blocks) == 1:
            return 0.0
        return 1.0 - self.get_num_free_blocks() / (len(self._blocks) - 1)

    def get_new_blocks(self, num_blocks: int) -> list[KVCacheBlock]:
        """Hand out the first of the one list, then of the other."""
        if num_blocks < 0:
            raise ValueError("less than no block")
        if num_blocks > self.get_num_free_blocks():
            raise OutOfBlocks("the pool is exhausted")
        plain = min(num_blocks, len(self._plain))
        blocks = [self._plain.shift() for _ in range(plain)]
        evicted = [self._cached.shift() for _ in range(num_blocks - plain)]
        for block in evicted:
            self._uncache(block)
        for block in blocks + evicted:
            block.ref_cnt += 1
        return blocks + evicted

    def touch(self, blocks: Sequence[KVCacheBlock]) -> None:
        """Add a holder to each block."""
        self._require_own(blocks)
        for block in blocks:
            if block.is_null:
                continue
            if block.node is not None:
                self._list_of(block).drop(block)
            block.ref_cnt += 1

    def free_blocks(self, ordered_blocks: Iterable[KVCacheBlock]) -> None:
        """Take a holder from each block."""
        blocks = list(ordered_blocks)
        self._require_own(blocks)
        blocks = [block for block in blocks if not block.is_null]
        for block, count in Counter(blocks).items():
            if count > block.ref_cnt:
                raise DoubleFree(f"block {block.block_id} has {block.ref_cnt} holders")
        for block in blocks:
            block.ref_cnt -= 1
            if block.ref_cnt == 0:
                self._list_of(block).push(block)

    def cache_full_block(self, block: KVCacheBlock, block_hash: BlockHash) -> None:
        """Make a block findable."""
        self._require_own([block])
        if block.is_null:
            raise ValueError("the null block is empty")
        if block.ref_cnt == 0:
            raise ValueError("a free block is empty")
        if block.block_hash is not None:
            raise ValueError("it is cached already")
        block.block_hash = block_hash
        self._found.setdefault(block_hash, []).append(block)

    def get_cached_block(self, block_hash: BlockHash) -> KVCacheBlock | None:
        """Find the block that was cached last by its hash."""
        return self._found[block_hash][-1] if block_hash in self._found else None

    def reset_prefix_cache(self) -> bool:
        """Forget all hashes of an idle pool."""
        if self.get_num_free_blocks() < len(self._blocks) - 1:
            return False
        while self._cached:
            block = self._cached.shift()
            block.block_hash = None
            self._plain.push(block)
        self._found = {}
        return True

    def check_integrity(self) -> None:
        """Compare the two lists and the map with the blocks."""
        free = [block.block_id for ring in (self._plain, self._cached) for block in ring]
        if len(free) != self.get_num_free_blocks():
            raise IntegrityError("a list has another length than it says")
        if sorted(free) != [block.block_id for block in self._blocks[1:] if not block.ref_cnt]:
            raise IntegrityError("the lists hold others than the blocks without holders")
        if min(block.ref_cnt for block in self._blocks) < 0:
            raise IntegrityError("a block has fewer than no holders")
        if any(block.block_hash is not None for block in self._plain):
            raise IntegrityError("a cached block is in the wrong list")
        found = [(key, block.block_id) for key, same in self._found.items() for block in same]
        hashed = [(b.block_hash, b.block_id) for b in self._blocks if b.block_hash is not None]
        if len(found) != len(hashed) or set(found) != set(hashed):
            raise IntegrityError("the map and the blocks disagree")

    def _list_of(self, block: KVCacheBlock) -> Ring:
        return self._plain if block.block_hash is None else self._cached

    def _uncache(self, block: KVCacheBlock) -> None:
        assert block.block_hash is not None
        same = self._found[block.block_hash]
        same.remove(block)
        if not same:
            del self._found[block.block_hash]
        block.block_hash = None

    def _require_own(self, blocks: Iterable[KVCacheBlock]) -> None:
        for block in blocks:
            known = 0 <= block.block_id < len(self._blocks)
            if not known or self._blocks[block.block_id] is not block:
                raise UnknownBlock(f"block {block.block_id}")
