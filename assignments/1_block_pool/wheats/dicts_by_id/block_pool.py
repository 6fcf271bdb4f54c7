"""Three dicts in which every usable block stands exactly once, and the holders in a fourth.

The pool decides by its own records; `ref_cnt` and `block_hash` on the block only show them.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence

from pagedlab.block_hash import BlockHash
from pagedlab.errors import DoubleFree, IntegrityError, OutOfBlocks, UnknownBlock
from pagedlab.kv_cache_utils import KVCacheBlock


class BlockPool:
    """A pool as a set of tables."""

    def __init__(self, num_blocks: int) -> None:
        if num_blocks < 1:
            raise ValueError("num_blocks < 1")
        self.null_block = KVCacheBlock(0)
        self.null_block.is_null = True
        self._usable = num_blocks - 1
        self._empty = {index: KVCacheBlock(index) for index in range(1, num_blocks)}
        self._cached: OrderedDict[int, KVCacheBlock] = OrderedDict()
        self._in_use: dict[int, KVCacheBlock] = {}
        self._holders: Counter[int] = Counter()
        self._hash_of: dict[int, BlockHash] = {}
        self._ids_with: dict[BlockHash, set[int]] = {}

    def get_num_free_blocks(self) -> int:
        """Number of blocks that could be handed out."""
        return self._usable - len(self._in_use)

    def get_usage(self) -> float:
        """Share of the usable blocks in use."""
        return len(self._in_use) / self._usable if self._usable else 0.0

    def get_new_blocks(self, num_blocks: int) -> list[KVCacheBlock]:
        """Hand out empty blocks, then cached ones."""
        if num_blocks < 0:
            raise ValueError("num_blocks < 0")
        if num_blocks > self.get_num_free_blocks():
            raise OutOfBlocks("too many")
        blocks = []
        for _ in range(num_blocks):
            index, block = self._empty.popitem() if self._empty else self._evict()
            self._in_use[index] = block
            self._show(block, 1)
            blocks.append(block)
        return blocks

    def touch(self, blocks: Sequence[KVCacheBlock]) -> None:
        """Add a holder to each block."""
        for block in blocks:
            self._look_up(block)
        for block in blocks:
            index = block.block_id
            if index == 0:
                continue
            if index not in self._in_use:
                self._cached.pop(index, None)
                self._empty.pop(index, None)
                self._in_use[index] = block
            self._show(block, self._holders[index] + 1)

    def free_blocks(self, ordered_blocks: Iterable[KVCacheBlock]) -> None:
        """Take a holder from each block."""
        blocks = [block for block in ordered_blocks if self._look_up(block).block_id != 0]
        counts = Counter(block.block_id for block in blocks)
        if any(count > self._holders[index] for index, count in counts.items()):
            raise DoubleFree("more than there are holders")
        for block in blocks:
            index = block.block_id
            self._show(block, self._holders[index] - 1)
            if self._holders[index] == 0:
                del self._in_use[index], self._holders[index]
                home = self._cached if index in self._hash_of else self._empty
                home[index] = block

    def cache_full_block(self, block: KVCacheBlock, block_hash: BlockHash) -> None:
        """Make a block findable."""
        index = self._look_up(block).block_id
        if index not in self._in_use or index in self._hash_of:
            raise ValueError("not in use, or cached")
        block.block_hash = self._hash_of[index] = block_hash
        self._ids_with.setdefault(block_hash, set()).add(index)

    def get_cached_block(self, block_hash: BlockHash) -> KVCacheBlock | None:
        """Find some block by its hash."""
        for index in self._ids_with.get(block_hash, set()):
            return self._in_use.get(index) or self._cached[index]
        return None

    def reset_prefix_cache(self) -> bool:
        """Forget all hashes of an idle pool."""
        if self._in_use:
            return False
        for block in self._cached.values():
            block.block_hash = None
        self._empty.update(self._cached)
        self._cached.clear()
        self._hash_of.clear()
        self._ids_with.clear()
        return True

    def check_integrity(self) -> None:
        """Compare the tables with what the blocks show."""
        everywhere = [*self._empty, *self._cached, *self._in_use]
        if sorted(everywhere) != list(range(1, self._usable + 1)):
            raise IntegrityError("a block is in no table, or in two")
        for table in (self._empty, self._cached, self._in_use):
            for index, block in table.items():
                if block.ref_cnt != self._holders[index]:
                    raise IntegrityError(f"block {index} shows {block.ref_cnt} holders")
                if block.block_hash != self._hash_of.get(index):
                    raise IntegrityError(f"block {index} shows another hash")
        if any(count < 1 for count in map(self._holders.__getitem__, self._in_use)):
            raise IntegrityError("a block is in use by nobody")
        turned = {index: key for key, ids in self._ids_with.items() for index in ids}
        if turned != self._hash_of or set(self._cached) - set(turned):
            raise IntegrityError("the two tables of hashes differ")

    def _evict(self) -> tuple[int, KVCacheBlock]:
        index, block = self._cached.popitem(last=False)
        key = self._hash_of.pop(index)
        self._ids_with[key].remove(index)
        if not self._ids_with[key]:
            del self._ids_with[key]
        block.block_hash = None
        return index, block

    def _look_up(self, block: KVCacheBlock) -> KVCacheBlock:
        index = block.block_id
        known = self._in_use.get(index) or self._cached.get(index) or self._empty.get(index)
        if block is not known and block is not self.null_block:
            raise UnknownBlock("of no table")
        return block

    def _show(self, block: KVCacheBlock, holders: int) -> None:
        self._holders[block.block_id] = block.ref_cnt = holders
