"""Stands in for stage 1 while a later stage is graded by itself. Not a solution.

It does what the contract asks of a pool that is used properly: it notices no misuse, can neither
be reset nor check itself, and looks through all blocks for what a good pool finds at once.
"""

from collections.abc import Iterable, Sequence

from pagedlab.errors import OutOfBlocks
from pagedlab.kv_cache_utils import KVCacheBlock


class BlockPool:
    def __init__(self, num_blocks: int) -> None:
        self.all = [KVCacheBlock(number) for number in range(num_blocks)]
        self.null_block = self.all[0]
        self.null_block.is_null = True
        self.given_back = self.all[1:]  # free blocks, in the order of their giving back
        self.found: dict[bytes, KVCacheBlock] = {}

    def get_num_free_blocks(self) -> int:
        return len([block for block in self.all[1:] if block.ref_cnt == 0])

    def get_usage(self) -> float:
        return len([block for block in self.all[1:] if block.ref_cnt > 0]) / (len(self.all) - 1)

    def get_new_blocks(self, num_blocks: int) -> list[KVCacheBlock]:
        first = [block for block in self.given_back if block.block_hash is None]
        last = [block for block in self.given_back if block.block_hash is not None]
        chosen = (first + last)[:num_blocks]
        if len(chosen) < num_blocks:
            raise OutOfBlocks("too few blocks are free")
        for block in chosen:
            self.given_back.remove(block)
            old = block.block_hash
            block.block_hash = None
            block.ref_cnt = 1
            if old is not None and self.found[old] is block:
                del self.found[old]
                for other in self.all:
                    if other.block_hash == old:
                        self.found[old] = other
        return chosen

    def touch(self, blocks: Sequence[KVCacheBlock]) -> None:
        for block in blocks:
            if block in self.given_back:
                self.given_back.remove(block)
            block.ref_cnt += 1

    def free_blocks(self, ordered_blocks: Iterable[KVCacheBlock]) -> None:
        for block in ordered_blocks:
            block.ref_cnt -= 1
            if block.ref_cnt == 0:
                self.given_back.append(block)

    def cache_full_block(self, block: KVCacheBlock, block_hash: bytes) -> None:
        block.block_hash = block_hash
        self.found.setdefault(block_hash, block)

    def get_cached_block(self, block_hash: bytes) -> KVCacheBlock | None:
        return self.found.get(block_hash)
