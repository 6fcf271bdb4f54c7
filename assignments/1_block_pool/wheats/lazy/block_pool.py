"""Blocks come into being when they are first handed out; a large pool costs nothing to make."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence

from pagedlab.block_hash import BlockHash
from pagedlab.errors import DoubleFree, IntegrityError, OutOfBlocks, UnknownBlock
from pagedlab.kv_cache_utils import KVCacheBlock


class BlockPool:
    """A pool that prefers blocks that have never been used, then those freed without a hash."""

    def __init__(self, num_blocks: int) -> None:
        if num_blocks < 1:
            raise ValueError("at least the null block")
        self._size = num_blocks
        self._built = [KVCacheBlock(0, is_null=True)]
        self._returned: deque[KVCacheBlock] = deque()
        self._kept: OrderedDict[int, KVCacheBlock] = OrderedDict()
        self._keys: dict[BlockHash, OrderedDict[int, KVCacheBlock]] = {}

    @property
    def null_block(self) -> KVCacheBlock:
        """Block 0."""
        return self._built[0]

    def get_num_free_blocks(self) -> int:
        """Number of blocks that could be handed out, built or not."""
        unbuilt = self._size - len(self._built)
        return unbuilt + len(self._returned) + len(self._kept)

    def get_usage(self) -> float:
        """Share of the usable blocks in use."""
        usable = self._size - 1
        used = usable - self.get_num_free_blocks()
        return used / usable if used else 0.0

    def get_new_blocks(self, num_blocks: int) -> list[KVCacheBlock]:
        """Build blocks, reuse returned ones, and at last evict."""
        if num_blocks < 0:
            raise ValueError("a negative number")
        if num_blocks > self.get_num_free_blocks():
            raise OutOfBlocks(f"asked for {num_blocks}")
        blocks: list[KVCacheBlock] = []
        while len(blocks) < num_blocks:
            block = self._next()
            block.ref_cnt = 1
            blocks.append(block)
        return blocks

    def touch(self, blocks: Sequence[KVCacheBlock]) -> None:
        """Add a holder to each block."""
        wanted = [self._known(block) for block in blocks]
        for block in wanted:
            if block.is_null:
                continue
            if block.ref_cnt == 0 and block.block_id in self._kept:
                del self._kept[block.block_id]
            elif block.ref_cnt == 0:
                self._returned.remove(block)
            block.ref_cnt += 1

    def free_blocks(self, ordered_blocks: Iterable[KVCacheBlock]) -> None:
        """Take a holder from each block."""
        done: list[KVCacheBlock] = []
        try:
            for block in ordered_blocks:
                if self._known(block).is_null:
                    continue
                if block.ref_cnt == 0:
                    raise DoubleFree(f"block {block.block_id}")
                block.ref_cnt -= 1
                done.append(block)
        except BaseException:
            for block in done:
                block.ref_cnt += 1
            raise
        self._put_back(done)

    def cache_full_block(self, block: KVCacheBlock, block_hash: BlockHash) -> None:
        """Make a block findable."""
        self._known(block)
        if block.is_null or block.block_hash is not None or block.ref_cnt == 0:
            raise ValueError(f"block {block.block_id}")
        block.block_hash = block_hash
        self._keys.setdefault(block_hash, OrderedDict())[block.block_id] = block

    def get_cached_block(self, block_hash: BlockHash) -> KVCacheBlock | None:
        """Find the block that was cached last by its hash."""
        same = self._keys.get(block_hash)
        return None if same is None else next(reversed(same.values()))

    def reset_prefix_cache(self) -> bool:
        """Forget all hashes of an idle pool."""
        if self.get_num_free_blocks() < self._size - 1:
            return False
        for block in self._kept.values():
            block.block_hash = None
        self._returned.extend(self._kept.values())
        self._kept.clear()
        self._keys.clear()
        return True

    def check_integrity(self) -> None:
        """Compare the records with the blocks built so far."""
        for block in self._built[1:]:
            kept = block.block_id in self._kept
            if kept and (block.block_hash is None or block.ref_cnt != 0):
                raise IntegrityError(f"block {block.block_id} is kept for nothing")
            if not kept and block.ref_cnt == 0 and block.block_hash is not None:
                raise IntegrityError(f"block {block.block_id} is cached and nowhere")
            if block.ref_cnt < 0:
                raise IntegrityError(f"block {block.block_id} has {block.ref_cnt} holders")
        plain = {b.block_id for b in self._built[1:] if b.ref_cnt == 0} - set(self._kept)
        if plain != {block.block_id for block in self._returned}:
            raise IntegrityError("returned blocks and blocks without holders differ")
        if len(plain) != len(self._returned):
            raise IntegrityError("a block was returned twice")
        listed = [(key, index) for key, same in self._keys.items() for index in same]
        shown = [(b.block_hash, b.block_id) for b in self._built if b.block_hash is not None]
        if len(listed) != len(shown) or set(listed) != set(shown):
            raise IntegrityError("keys and blocks differ")

    def _next(self) -> KVCacheBlock:
        if len(self._built) < self._size:
            block = KVCacheBlock(len(self._built))
            self._built.append(block)
            return block
        if self._returned:
            return self._returned.popleft()
        index, block = self._kept.popitem(last=False)
        assert block.block_hash is not None
        same = self._keys[block.block_hash]
        del same[index]
        if not same:
            del self._keys[block.block_hash]
        block.block_hash = None
        return block

    def _put_back(self, blocks: Sequence[KVCacheBlock]) -> None:
        """Make those free that have no holder left, at the place of their last mention."""
        last = {block: place for place, block in enumerate(blocks)}
        for place, block in enumerate(blocks):
            if block.ref_cnt or last[block] != place:
                continue
            if block.block_hash is None:
                self._returned.append(block)
            else:
                self._kept[block.block_id] = block

    def _known(self, block: KVCacheBlock) -> KVCacheBlock:
        index = block.block_id
        if index < 0 or index >= len(self._built) or self._built[index] is not block:
            raise UnknownBlock(f"block {index}")
        return block
