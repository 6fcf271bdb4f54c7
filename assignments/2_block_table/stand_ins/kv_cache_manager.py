"""Stands in for stage 2 while a later stage is graded by itself. Not a solution.

It does what the contract asks of a manager that is used properly: it notices no misuse, takes no
tokens back, keeps every prefix in full, and walks through all of it at every step.
"""

from collections.abc import Sequence

from pagedlab.block_hash import hash_block_tokens
from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_utils import KVCacheBlock
from pagedlab.request import Request


class SlotAllocation:
    def __init__(
        self, new_blocks: tuple[KVCacheBlock, ...], copies: tuple[tuple[int, int], ...]
    ) -> None:
        self.new_blocks = new_blocks
        self.copies = copies


class KVCacheManager:
    def __init__(self, block_size: int, block_pool: BlockPool, enable_caching: bool = True) -> None:
        self.block_size = block_size
        self.block_pool = block_pool
        self.caching = enable_caching
        self.tables: dict[str, list[KVCacheBlock]] = {}

    def all_hashes(self, request: Request, num_tokens: int) -> list[bytes]:
        hashes: list[bytes] = []
        for end in range(self.block_size, num_tokens + 1, self.block_size):
            prefix = request.token_ids[:end]
            hashes.append(hash_block_tokens(None, prefix, request.extra_keys))
        return hashes

    def get_computed_blocks(self, request: Request) -> tuple[list[KVCacheBlock], int]:
        blocks: list[KVCacheBlock] = []
        if self.caching:
            for block_hash in self.all_hashes(request, request.num_tokens - 1):
                block = self.block_pool.get_cached_block(block_hash)
                if block is None:
                    break
                blocks.append(block)
        return blocks, len(blocks) * self.block_size

    def allocate_slots(
        self,
        request: Request,
        num_new_tokens: int,
        new_computed_blocks: Sequence[KVCacheBlock] = (),
        reserved_blocks: int = 0,
    ) -> SlotAllocation | None:
        table = [*self.tables.get(request.request_id, []), *new_computed_blocks]
        start = request.num_computed_tokens + len(new_computed_blocks) * self.block_size
        end = start + num_new_tokens
        old = None
        if start % self.block_size > 0:
            if table[-1].ref_cnt > 1 or table[-1].block_hash is not None:
                old = table.pop()
        count = 0
        while (len(table) + count) * self.block_size < end:
            count += 1
        sleeping = len([block for block in new_computed_blocks if block.ref_cnt == 0])
        if count + sleeping + reserved_blocks > self.block_pool.get_num_free_blocks():
            return None
        self.block_pool.touch(new_computed_blocks)
        new = self.block_pool.get_new_blocks(count)
        table += new
        self.tables[request.request_id] = table
        copies = []
        if old is not None:
            copies.append((old.block_id, new[0].block_id))
            self.block_pool.free_blocks([old])
        if self.caching:
            for block, block_hash in zip(table, self.all_hashes(request, end), strict=False):
                if block.block_hash is None:
                    self.block_pool.cache_full_block(block, block_hash)
        return SlotAllocation(tuple(new), tuple(copies))

    def fork(self, parent: Request, child: Request) -> None:
        self.tables[child.request_id] = list(self.tables.get(parent.request_id, []))
        self.block_pool.touch(self.tables[child.request_id])

    def free(self, request: Request) -> None:
        self.block_pool.free_blocks(reversed(self.tables.pop(request.request_id, [])))

    def get_block_ids(self, request: Request) -> list[int]:
        return [block.block_id for block in self.tables.get(request.request_id, [])]
