"""The free blocks as a ring of numbers in two arrays; the null block closes the ring."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

from pagedlab.block_hash import BlockHash
from pagedlab.errors import DoubleFree, IntegrityError, OutOfBlocks, UnknownBlock
from pagedlab.kv_cache_utils import KVCacheBlock

END = 0
OUT = -1


class BlockPool:
    """A pool whose free blocks stand in a ring: those without a hash after END, cached before it.

    `after[i]` and `before[i]` are the neighbours of block i, or OUT while it is in use.
    """

    def __init__(self, num_blocks: int) -> None:
        if num_blocks < 1:
            raise ValueError(f"{num_blocks} blocks")
        self._blocks = [KVCacheBlock(index) for index in range(num_blocks)]
        self.null_block = self._blocks[END]
        self.null_block.is_null = True
        self._after = array("q", [*range(1, num_blocks), END])
        self._before = array("q", [num_blocks - 1, *range(num_blocks - 1)])
        self._free = num_blocks - 1
        self._with_hash: dict[BlockHash, set[int]] = {}

    def get_num_free_blocks(self) -> int:
        """Number of blocks that could be handed out."""
        return self._free

    def get_usage(self) -> float:
        """Share of the usable blocks in use."""
        return 1.0 - self._free / (len(self._blocks) - 1) if len(self._blocks) > 1 else 0.0

    def get_new_blocks(self, num_blocks: int) -> list[KVCacheBlock]:
        """Hand out the first blocks of the ring; the list names them last to first."""
        if num_blocks < 0:
            raise ValueError(f"{num_blocks} blocks")
        if num_blocks > self._free:
            raise OutOfBlocks(f"{num_blocks} of {self._free} blocks")
        taken: list[KVCacheBlock] = []
        for _ in range(num_blocks):
            index = self._after[END]
            self._unlink(index)
            block = self._blocks[index]
            block.ref_cnt = 1
            self._forget(block)
            taken.append(block)
        return taken[::-1]

    def touch(self, blocks: Sequence[KVCacheBlock]) -> None:
        """Add a holder to each block."""
        for index in list(self._indices(blocks)):
            if self._after[index] != OUT:
                self._unlink(index)
            self._blocks[index].ref_cnt += 1

    def free_blocks(self, ordered_blocks: Iterable[KVCacheBlock]) -> None:
        """Take a holder from each block."""
        indices = list(self._indices(ordered_blocks))
        self._check_holders(indices)
        for index in indices:
            block = self._blocks[index]
            block.ref_cnt -= 1
            if block.ref_cnt == 0:
                left = END if block.block_hash is None else self._before[END]
                self._link(left, index)

    def cache_full_block(self, block: KVCacheBlock, block_hash: BlockHash) -> None:
        """Make a block findable."""
        index = next(self._indices([block]), END)
        if index == END or self._after[index] != OUT or block.block_hash is not None:
            raise ValueError(f"block {index} is null, free or cached")
        block.block_hash = block_hash
        self._with_hash.setdefault(block_hash, set()).add(index)

    def get_cached_block(self, block_hash: BlockHash) -> KVCacheBlock | None:
        """Find some block by its hash."""
        indices = self._with_hash.get(block_hash, ())
        return self._blocks[next(iter(indices))] if indices else None

    def reset_prefix_cache(self) -> bool:
        """Forget all hashes of an idle pool."""
        idle = self._free == len(self._blocks) - 1
        if idle:
            for indices in self._with_hash.values():
                for index in indices:
                    self._blocks[index].block_hash = None
            self._with_hash.clear()
        return idle

    def check_integrity(self) -> None:
        """Compare ring, count and hashes with the blocks."""
        ring = list(self._walk())
        if len(ring) != self._free:
            raise IntegrityError(f"{self._free} blocks counted, {len(ring)} in the ring")
        standing = set(ring)
        for index, block in enumerate(self._blocks[1:], start=1):
            if (block.ref_cnt == 0) != (index in standing) or block.ref_cnt < 0:
                raise IntegrityError(f"block {index} has {block.ref_cnt} holders")
            if (index in standing) != (self._after[index] != OUT):
                raise IntegrityError(f"block {index} is lost")
        for index, block in enumerate(self._blocks):
            if block.block_hash is not None and index not in self._with_hash.get(
                block.block_hash, ()
            ):
                raise IntegrityError(f"block {index} cannot be found")
        for key, indices in self._with_hash.items():
            if any(self._blocks[index].block_hash != key for index in indices):
                raise IntegrityError("a hash leads to another block")

    def _indices(self, blocks: Iterable[KVCacheBlock]) -> Iterator[int]:
        """Numbers of the blocks, the null block left out."""
        for block in blocks:
            index = block.block_id
            if not (0 <= index < len(self._blocks) and self._blocks[index] is block):
                raise UnknownBlock(f"block {index}")
            if index != END:
                yield index

    def _check_holders(self, indices: Sequence[int]) -> None:
        asked: dict[int, int] = {}
        for index in indices:
            asked[index] = asked.get(index, 0) + 1
            if asked[index] > self._blocks[index].ref_cnt:
                raise DoubleFree(f"block {index}")

    def _forget(self, block: KVCacheBlock) -> None:
        if block.block_hash is not None:
            indices = self._with_hash[block.block_hash]
            indices.remove(block.block_id)
            if not indices:
                del self._with_hash[block.block_hash]
            block.block_hash = None

    def _link(self, left: int, index: int) -> None:
        right = self._after[left]
        self._before[index], self._after[index] = left, right
        self._after[left] = self._before[right] = index
        self._free += 1

    def _unlink(self, index: int) -> None:
        left, right = self._before[index], self._after[index]
        self._after[left], self._before[right] = right, left
        self._before[index] = self._after[index] = OUT
        self._free -= 1

    def _walk(self) -> Iterator[int]:
        index = self._after[END]
        while index not in (END, OUT):
            yield index
            index = self._after[index]
