"""A manager that hashes the whole prefix at once for every block: no chain, more work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from pagedlab.block_hash import hash_block_tokens
from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_utils import KVCacheBlock
from pagedlab.request import Request


@dataclass(frozen=True)
class SlotAllocation:
    new_blocks: tuple[KVCacheBlock, ...] = ()
    copies: tuple[tuple[int, int], ...] = ()


class KVCacheManager:
    block_size: int
    block_pool: BlockPool

    def __init__(self, block_size: int, block_pool: BlockPool, enable_caching: bool = True) -> None:
        if block_size <= 0:
            raise ValueError("blocks of nothing")
        self.block_size, self.block_pool, self.caching = block_size, block_pool, enable_caching
        self.held: defaultdict[str, list[KVCacheBlock]] = defaultdict(list)

    def get_computed_blocks(self, request: Request) -> tuple[list[KVCacheBlock], int]:
        blocks: list[KVCacheBlock] = []
        while self.caching and (len(blocks) + 1) * self.block_size < request.num_tokens:
            found = self.block_pool.get_cached_block(self._key(request, len(blocks)))
            if found is None:
                break
            blocks.append(found)
        return blocks, self.block_size * len(blocks)

    def allocate_slots(
        self,
        request: Request,
        num_new_tokens: int,
        new_computed_blocks: Sequence[KVCacheBlock] = (),
        reserved_blocks: int = 0,
    ) -> SlotAllocation | None:
        table = self.held[request.request_id]
        first = request.num_computed_tokens + self.block_size * len(new_computed_blocks)
        if num_new_tokens <= 0 or first + num_new_tokens > len(request.token_ids):
            raise ValueError("a step over tokens that are not there")
        if len(new_computed_blocks) > 0 and len(table) > 0:
            raise ValueError("a running request has no use for a lookup")
        last = ceil((first + num_new_tokens) / self.block_size)
        fresh = last - len(table) - len(new_computed_blocks)
        foreign = bool(first % self.block_size) and self._foreign(table[-1])
        leaving = {id(block) for block in new_computed_blocks if not block.ref_cnt}
        left = self.block_pool.get_num_free_blocks() - len(leaving) - fresh - foreign
        if left < reserved_blocks:
            return None
        self.block_pool.touch(new_computed_blocks)
        table.extend(new_computed_blocks)
        new = self.block_pool.get_new_blocks(fresh + foreign)
        copies: tuple[tuple[int, int], ...] = ()
        if foreign:
            old, table[-1] = table[-1], new[0]
            copies = ((old.block_id, new[0].block_id),)
            self.block_pool.free_blocks(iter([old]))
        table.extend(new[foreign:])
        self._remember(request, table, first + num_new_tokens)
        return SlotAllocation(tuple(new), copies)

    def fork(self, parent: Request, child: Request) -> None:
        if self.held[child.request_id]:
            raise ValueError("the child is no newborn")
        self.held[child.request_id] += self.held[parent.request_id]
        self.block_pool.touch(self.held[child.request_id])

    def truncate(self, request: Request, num_tokens: int) -> None:
        if num_tokens < 0 or num_tokens > request.num_computed_tokens:
            raise ValueError("nothing that could be kept")
        table = self.held[request.request_id]
        while len(table) > ceil(num_tokens / self.block_size):
            self.block_pool.free_blocks([table.pop()])

    def free(self, request: Request) -> None:
        self.block_pool.free_blocks(self.held[request.request_id][::-1])
        del self.held[request.request_id]

    def get_block_ids(self, request: Request) -> list[int]:
        return [block.block_id for block in self.held[request.request_id]]

    def _foreign(self, block: KVCacheBlock) -> bool:
        return block.block_hash is not None or block.ref_cnt != 1

    def _remember(self, request: Request, table: Sequence[KVCacheBlock], computed: int) -> None:
        for index in range(computed // self.block_size) if self.caching else ():
            if table[index].block_hash is None:
                self.block_pool.cache_full_block(table[index], self._key(request, index))

    def _key(self, request: Request, index: int) -> bytes:
        prefix = request.token_ids[: (index + 1) * self.block_size]
        return hash_block_tokens(None, prefix, request.extra_keys)
