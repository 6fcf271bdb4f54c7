"""Stage 1. The block allocator: a fixed pool of KV cache blocks that are shared, cached and reused.

Read next in vLLM: `vllm/v1/core/block_pool.py`. Simplified here: one KV cache group, no events,
no metrics. Stricter here: misuse raises, where vLLM trusts its caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pagedlab.block_hash import BlockHash
from pagedlab.kv_cache_utils import KVCacheBlock


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
        raise NotImplementedError("Stage 1 · BlockPool.__init__ is not written yet")

    def get_num_free_blocks(self) -> int:
        """Number of blocks that `get_new_blocks` could hand out now, cached ones included."""
        raise NotImplementedError("Stage 1 · BlockPool.get_num_free_blocks is not written yet")

    def get_usage(self) -> float:
        """Share of the usable blocks in use, 0.0 ... 1.0; 0.0 for a pool without usable blocks."""
        raise NotImplementedError("Stage 1 · BlockPool.get_usage is not written yet")

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
        raise NotImplementedError("Stage 1 · BlockPool.get_new_blocks is not written yet")

    def touch(self, blocks: Sequence[KVCacheBlock]) -> None:
        """Add one holder to each block; a free block leaves the free queue and keeps its hash.

        The pool's own null block is passed over. O(1) a block, wherever it stands in the queue.

        Args:
            blocks: blocks found by `get_cached_block`, or in use. One listed twice counts twice.

        Raises:
            UnknownBlock: a block is not of this pool; no block is touched.
        """
        raise NotImplementedError("Stage 1 · BlockPool.touch is not written yet")

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
        raise NotImplementedError("Stage 1 · BlockPool.free_blocks is not written yet")

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
        raise NotImplementedError("Stage 1 · BlockPool.cache_full_block is not written yet")

    def get_cached_block(self, block_hash: BlockHash) -> KVCacheBlock | None:
        """Look up a block by content hash. Changes nothing: use `touch` to hold what was found.

        Args:
            block_hash: the hash to look for.

        Returns:
            A block cached under it, in use or free; any of them if there are several; else None.
        """
        raise NotImplementedError("Stage 1 · BlockPool.get_cached_block is not written yet")

    def reset_prefix_cache(self) -> bool:
        """Forget every hash, if no block is in use (after a change of weights, say).

        Returns:
            True if the cache was reset; False, with nothing changed, if a block is in use.
        """
        raise NotImplementedError("Stage 1 · BlockPool.reset_prefix_cache is not written yet")

    def check_integrity(self) -> None:
        """Compare the pool's records with one another. For debugging and tests; O(num_blocks).

        Raises:
            IntegrityError: a block is both free and held, or neither; the count of free blocks is
                wrong; or a block and the hash map disagree.
        """
        raise NotImplementedError("Stage 1 · BlockPool.check_integrity is not written yet")
