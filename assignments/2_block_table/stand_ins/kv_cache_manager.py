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
        self.size = self.block_size = block_size
        self.caching = enable_caching
        self.pool = self.block_pool = block_pool
        self.tables: dict[str, list[KVCacheBlock]] = {}

    def held(self, request: Request) -> list[KVCacheBlock]:
        return list(self.tables.get(request.request_id, []))

    def all_hashes(self, request: Request, num_tokens: int) -> list[bytes]:
        hashes: list[bytes] = []
        for stop in range(self.size, num_tokens + 1, self.size):
            prefix = request.token_ids[:stop]
            hashes.append(hash_block_tokens(None, prefix, request.extra_keys))
        return hashes

    def get_computed_blocks(self, request: Request) -> tuple[list[KVCacheBlock], int]:
        blocks: list[KVCacheBlock] = []
        if self.caching:
            for digest in self.all_hashes(request, request.num_tokens - 1):
                known = self.pool.get_cached_block(digest)
                if known is None:
                    break
                blocks.append(known)
        return blocks, len(blocks) * self.size

    def allocate_slots(
        self,
        request: Request,
        num_new_tokens: int,
        new_computed_blocks: Sequence[KVCacheBlock] = (),
        reserved_blocks: int = 0,
    ) -> SlotAllocation | None:
        mine = [*self.held(request), *new_computed_blocks]
        before = request.num_computed_tokens + len(new_computed_blocks) * self.size
        after = before + num_new_tokens
        old = None
        if before % self.size > 0:
            if mine[-1].ref_cnt > 1 or mine[-1].block_hash is not None:
                old = mine.pop()
        count = 0
        while (len(mine) + count) * self.size < after:
            count += 1
        sleeping = len([one for one in new_computed_blocks if one.ref_cnt == 0])
        if self.pool.get_num_free_blocks() - reserved_blocks < count + sleeping:
            return None
        self.pool.touch(new_computed_blocks)
        fresh = self.pool.get_new_blocks(count)
        mine = mine + fresh
        copies = []
        if old is not None:
            copies.append((old.block_id, fresh[0].block_id))
            self.pool.free_blocks([old])
        if self.caching:
            for one, digest in zip(mine, self.all_hashes(request, after), strict=False):
                if one.block_hash is None:
                    self.pool.cache_full_block(one, digest)
        self.tables[request.request_id] = mine
        return SlotAllocation(tuple(fresh), tuple(copies))

    def fork(self, parent: Request, child: Request) -> None:
        self.tables[child.request_id] = self.held(parent)
        self.pool.touch(self.held(child))

    def free(self, request: Request) -> None:
        mine = self.held(request)
        mine.reverse()
        self.pool.free_blocks(mine)
        self.tables[request.request_id] = []

    def get_block_ids(self, request: Request) -> list[int]:
        return [one.block_id for one in self.held(request)]
