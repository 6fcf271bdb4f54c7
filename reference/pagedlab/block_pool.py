"""Stage 1. The block allocator: a fixed pool of KV cache blocks that are shared, cached and reused.

Read next in vLLM: `vllm/v1/core/block_pool.py`. Simplified here: one KV cache group, no events,
no metrics. Stricter here: misuse raises, where vLLM trusts its caller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pagedlab.block_hash import BlockHash
from pagedlab.errors import DoubleFree, IntegrityError, OutOfBlocks, UnknownBlock
from pagedlab.kv_cache_utils import FreeKVCacheBlockQueue, KVCacheBlock


class BlockPool:
    """Owns every block of the KV cache and the map from content hash to cached blocks.

    Block 0 is the null block: a placeholder that is never handed out, freed, cached or counted.
    Every other block is either in use (`ref_cnt > 0`) or free (`ref_cnt == 0`); a free block may
    still be cached, and can then be hit until it is handed out again.

    Example:
        >>> pool = BlockPool(num_blocks=4)
        >>> blocks = pool.get_new_blocks(2)
        >>> pool.get_num_free_blocks()
        1
        >>> pool.free_blocks(reversed(blocks))
        >>> pool.get_usage()
        0.0
    """

    null_block: KVCacheBlock
    """Block 0."""

    def __init__(self, num_blocks: int) -> None:
        """Make a pool with `num_blocks` blocks, of which `num_blocks - 1` can be used.

        Args:
            num_blocks: size of the pool in blocks, the null block counted in.

        Raises:
            ValueError: `num_blocks` is below 1.
        """
        # BEGIN SOLUTION
        if num_blocks < 1:
            raise ValueError(f"a pool needs at least the null block, got num_blocks={num_blocks}")
        self._blocks = [KVCacheBlock(block_id) for block_id in range(num_blocks)]
        self.null_block = self._blocks[0]
        self.null_block.is_null = True
        self._free_queue = FreeKVCacheBlockQueue(self._blocks[1:])
        self._cached: dict[BlockHash, dict[int, KVCacheBlock]] = {}
        # END SOLUTION

    def get_num_free_blocks(self) -> int:
        """Number of blocks that `get_new_blocks` could hand out now, cached ones included."""
        # BEGIN SOLUTION
        return self._free_queue.num_free_blocks
        # END SOLUTION

    def get_usage(self) -> float:
        """Share of the usable blocks in use, 0.0 ... 1.0; 0.0 for a pool without usable blocks."""
        # BEGIN SOLUTION
        usable = len(self._blocks) - 1
        return 1.0 - self.get_num_free_blocks() / usable if usable else 0.0
        # END SOLUTION

    def get_new_blocks(self, num_blocks: int) -> list[KVCacheBlock]:
        """Hand out `num_blocks` free blocks, each with one holder and without a hash.

        Blocks that can no longer be hit go first; then cached blocks, the least recently freed
        first, which lose their hash (they are evicted). O(1) a block, whatever the pool's size.

        Args:
            num_blocks: how many; 0 gives an empty list.

        Returns:
            The blocks, all different, none of them in use before.

        Raises:
            ValueError: `num_blocks` is negative.
            OutOfBlocks: fewer blocks are free; none is handed out.
        """
        # BEGIN SOLUTION
        if num_blocks < 0:
            raise ValueError(f"cannot hand out {num_blocks} blocks")
        if num_blocks > self.get_num_free_blocks():
            raise OutOfBlocks(f"{num_blocks} asked for, {self.get_num_free_blocks()} free")
        blocks = [self._free_queue.popleft() for _ in range(num_blocks)]
        for block in blocks:
            self._evict(block)
            block.ref_cnt = 1
        return blocks
        # END SOLUTION

    def touch(self, blocks: Sequence[KVCacheBlock]) -> None:
        """Add one holder to each block; a free block leaves the free queue and keeps its hash.

        The pool's own null block is passed over. O(1) a block, wherever it stands in the queue.

        Args:
            blocks: blocks found by `get_cached_block`, or in use. One listed twice counts twice.

        Raises:
            UnknownBlock: a block is not of this pool; no block is touched.
        """
        # BEGIN SOLUTION
        self._check_known(blocks)
        for block in blocks:
            if not block.is_null:
                if block.ref_cnt == 0:
                    self._free_queue.remove(block)
                block.ref_cnt += 1
        # END SOLUTION

    def free_blocks(self, ordered_blocks: Iterable[KVCacheBlock]) -> None:
        """Take one holder from each block; a block without holders becomes free.

        What may still be hit is to be reused last: among the freed blocks, one without a hash
        goes in front of every cached block, and a cached one behind all that were freed before
        it. Callers list a request's blocks last to first, so that its tail is evicted first.
        The pool's own null block is passed over. O(1) a block.

        Args:
            ordered_blocks: blocks in the order in which they are to be evicted.

        Raises:
            UnknownBlock: a block is not of this pool; nothing is freed.
            DoubleFree: a block is listed more often than it has holders; nothing is freed.
        """
        # BEGIN SOLUTION
        blocks = list(ordered_blocks)
        self._check_known(blocks)
        blocks = [block for block in blocks if not block.is_null]
        for block_id, count in Counter(block.block_id for block in blocks).items():
            if count > self._blocks[block_id].ref_cnt:
                raise DoubleFree(f"block {block_id} has no holder left to give it back")
        for block in blocks:
            block.ref_cnt -= 1
            if block.ref_cnt == 0 and block.block_hash is None:
                self._free_queue.prepend(block)
            elif block.ref_cnt == 0:
                self._free_queue.append(block)
        # END SOLUTION

    def cache_full_block(self, block: KVCacheBlock, block_hash: BlockHash) -> None:
        """Make a full block findable under its content hash. It stays so until handed out again.

        Other blocks with the same hash stay cached too: block tables never change under a request.

        Args:
            block: a block in use that has no hash yet.
            block_hash: result of `hash_block_tokens` for the block's content.

        Raises:
            UnknownBlock: the block is not of this pool.
            ValueError: the block is the null block, is free, or has a hash already.
        """
        # BEGIN SOLUTION
        self._check_known([block])
        if block.is_null or block.ref_cnt == 0 or block.block_hash is not None:
            raise ValueError(f"block {block.block_id} is null, free or cached already")
        block.block_hash = block_hash
        self._cached.setdefault(block_hash, {})[block.block_id] = block
        # END SOLUTION

    def get_cached_block(self, block_hash: BlockHash) -> KVCacheBlock | None:
        """Look up a block by content hash. Changes nothing: use `touch` to hold what was found.

        Args:
            block_hash: the hash to look for.

        Returns:
            A block cached under it, in use or free; any of them if there are several; else None.
        """
        # BEGIN SOLUTION
        duplicates = self._cached.get(block_hash)
        return next(iter(duplicates.values())) if duplicates else None
        # END SOLUTION

    def reset_prefix_cache(self) -> bool:
        """Forget every hash, if no block is in use (after a change of weights, say).

        Returns:
            True if the cache was reset; False, with nothing changed, if a block is in use.
        """
        # BEGIN SOLUTION
        if self.get_num_free_blocks() < len(self._blocks) - 1:
            return False
        for block in self._blocks:
            block.block_hash = None
        self._cached.clear()
        return True
        # END SOLUTION

    def check_integrity(self) -> None:
        """Compare the pool's records with one another. For debugging and tests; O(num_blocks).

        Raises:
            IntegrityError: a block is both free and held, or neither; the count of free blocks is
                wrong; or a block and the hash map disagree.
        """
        # BEGIN SOLUTION
        free_ids = self._free_queue.ids()
        expected = {block.block_id for block in self._blocks[1:] if block.ref_cnt == 0}
        if len(free_ids) != self._free_queue.num_free_blocks or set(free_ids) != expected:
            raise IntegrityError(f"free queue {sorted(free_ids)}, without holder {expected}")
        if any(block.ref_cnt < 0 for block in self._blocks):
            raise IntegrityError("a block has fewer than no holders")
        mapped = {(key, i) for key, duplicates in self._cached.items() for i in duplicates}
        hashed = {(b.block_hash, b.block_id) for b in self._blocks if b.block_hash is not None}
        if mapped != hashed:
            raise IntegrityError(f"hash map and blocks disagree on {mapped ^ hashed}")
        # END SOLUTION

    # BEGIN SOLUTION
    def _check_known(self, blocks: Iterable[KVCacheBlock]) -> None:
        for block in blocks:
            ours = self._blocks[block.block_id : block.block_id + 1]
            if not ours or ours[0] is not block:
                raise UnknownBlock(f"block {block.block_id} does not belong to this pool")

    def _evict(self, block: KVCacheBlock) -> None:
        if block.block_hash is None:
            return
        duplicates = self._cached[block.block_hash]
        del duplicates[block.block_id]
        if not duplicates:
            del self._cached[block.block_hash]
        block.block_hash = None

    # END SOLUTION
