"""Free blocks without a hash as bits in words, the lowest first; cached ones by clock.

Finding the oldest cached block looks at all of them: right, but evictions are slow in a large pool.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pagedlab.block_hash import BlockHash
from pagedlab.errors import DoubleFree, IntegrityError, OutOfBlocks, UnknownBlock
from pagedlab.kv_cache_utils import KVCacheBlock

WORD = 1024


class Bitmap:
    """A set of small numbers: one integer per WORD of them, and one that says which are not 0."""

    def __init__(self, size: int) -> None:
        self._words = [0] * (size // WORD + 1)
        self._used = 0
        self.count = 0

    def __contains__(self, number: int) -> bool:
        return bool(self._words[number // WORD] >> number % WORD & 1)

    def flip(self, number: int) -> None:
        """Put a number in, or take it out."""
        word, bit = divmod(number, WORD)
        self.count += -1 if number in self else 1
        self._words[word] ^= 1 << bit
        if (self._words[word] != 0) != bool(self._used >> word & 1):
            self._used ^= 1 << word

    def lowest(self) -> int:
        """The lowest number; there must be one."""
        word = (self._used & -self._used).bit_length() - 1
        bits = self._words[word]
        return word * WORD + (bits & -bits).bit_length() - 1


class BlockPool:
    """A pool that hands out the lowest free id, as long as there is one without a hash."""

    def __init__(self, num_blocks: int) -> None:
        if num_blocks < 1:
            raise ValueError(f"num_blocks={num_blocks}")
        self._blocks = tuple(KVCacheBlock(index, is_null=index == 0) for index in range(num_blocks))
        self._empty = Bitmap(num_blocks)
        for index in range(1, num_blocks):
            self._empty.flip(index)
        self._freed_at: dict[int, int] = {}
        self._clock = 0
        self._ids: dict[BlockHash, set[int]] = {}

    @property
    def null_block(self) -> KVCacheBlock:
        """Block 0."""
        return self._blocks[0]

    def get_num_free_blocks(self) -> int:
        """Number of blocks that could be handed out."""
        return self._empty.count + len(self._freed_at)

    def get_usage(self) -> float:
        """Share of the usable blocks in use."""
        usable = len(self._blocks) - 1
        return (usable - self.get_num_free_blocks()) / max(usable, 1)

    def get_new_blocks(self, num_blocks: int) -> list[KVCacheBlock]:
        """Hand out the lowest blocks without a hash, then the cached ones with the lowest clock."""
        if num_blocks < 0:
            raise ValueError(f"num_blocks={num_blocks}")
        if num_blocks > self.get_num_free_blocks():
            raise OutOfBlocks(f"{num_blocks} > {self.get_num_free_blocks()}")
        blocks = []
        for _ in range(num_blocks):
            block = self._blocks[self._lowest() if self._empty.count else self._oldest()]
            block.ref_cnt = 1
            blocks.append(block)
        return blocks

    def touch(self, blocks: Sequence[KVCacheBlock]) -> None:
        """Add a holder to each block."""
        for block in blocks:
            self._own(block)
        for block in blocks:
            if not block.is_null:
                self._freed_at.pop(block.block_id, None)
                if block.block_id in self._empty:
                    self._empty.flip(block.block_id)
                block.ref_cnt += 1

    def free_blocks(self, ordered_blocks: Iterable[KVCacheBlock]) -> None:
        """Take a holder from each block."""
        ids = [self._own(block) for block in ordered_blocks]
        counts = Counter(index for index in ids if index != 0)
        if any(self._blocks[index].ref_cnt < count for index, count in counts.items()):
            raise DoubleFree("given back more often than taken")
        for index in filter(None, ids):
            block = self._blocks[index]
            block.ref_cnt -= 1
            if block.ref_cnt == 0 and block.block_hash is None:
                self._empty.flip(index)
            elif block.ref_cnt == 0:
                self._clock += 1
                self._freed_at[index] = self._clock

    def cache_full_block(self, block: KVCacheBlock, block_hash: BlockHash) -> None:
        """Make a block findable."""
        index = self._own(block)
        if index == 0 or not block.ref_cnt or block.block_hash is not None:
            raise ValueError(f"block {index} cannot be cached")
        block.block_hash = block_hash
        self._ids.setdefault(block_hash, set()).add(index)

    def get_cached_block(self, block_hash: BlockHash) -> KVCacheBlock | None:
        """Find the block with the highest id by its hash."""
        ids = self._ids.get(block_hash)
        return self._blocks[max(ids)] if ids else None

    def reset_prefix_cache(self) -> bool:
        """Forget all hashes of an idle pool."""
        if any(block.ref_cnt for block in self._blocks):
            return False
        for index in self._freed_at:
            self._blocks[index].block_hash = None
            self._empty.flip(index)
        self._freed_at = {}
        self._ids = {}
        return True

    def check_integrity(self) -> None:
        """Compare the bits with the blocks."""
        for index, block in enumerate(self._blocks[1:], start=1):
            if (index in self._empty) + (index in self._freed_at) != (block.ref_cnt == 0):
                raise IntegrityError(f"block {index} is free or held, not both")
        if min(block.ref_cnt for block in self._blocks) < 0:
            raise IntegrityError("fewer than no holders")
        expected: dict[BlockHash, set[int]] = {}
        for block in self._blocks:
            if block.block_hash is not None:
                expected.setdefault(block.block_hash, set()).add(block.block_id)
        if expected != self._ids:
            raise IntegrityError("the map differs from the blocks")

    def _lowest(self) -> int:
        index = self._empty.lowest()
        self._empty.flip(index)
        return index

    def _oldest(self) -> int:
        index = min(self._freed_at, key=self._freed_at.__getitem__)
        del self._freed_at[index]
        block = self._blocks[index]
        assert block.block_hash is not None
        self._ids[block.block_hash].remove(index)
        if not self._ids[block.block_hash]:
            del self._ids[block.block_hash]
        block.block_hash = None
        return index

    def _own(self, block: KVCacheBlock) -> int:
        index = block.block_id
        if index not in range(len(self._blocks)) or self._blocks[index] is not block:
            raise UnknownBlock(f"block {index}")
        return index
