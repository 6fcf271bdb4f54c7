"""A manager with one dict for all: (request, logical block) -> physical block. Salts once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pagedlab.block_hash import BlockHash, hash_block_tokens
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
        if block_size < 1:
            raise ValueError(f"block_size {block_size}")
        self.block_size = block_size
        self.block_pool = block_pool
        self.cache_on = enable_caching
        self.at: dict[tuple[str, int], KVCacheBlock] = {}
        self.count: dict[str, int] = {}

    def get_computed_blocks(self, request: Request) -> tuple[list[KVCacheBlock], int]:
        hits: list[KVCacheBlock] = []
        parent: BlockHash | None = None
        index = 0
        while self.cache_on and index * self.block_size + self.block_size <= request.num_tokens - 1:
            parent = self.hash_of(request, index, parent)
            hit = self.block_pool.get_cached_block(parent)
            if not hit:
                break
            hits.append(hit)
            index += 1
        return hits, index * self.block_size

    def allocate_slots(
        self,
        request: Request,
        num_new_tokens: int,
        new_computed_blocks: Sequence[KVCacheBlock] = (),
        reserved_blocks: int = 0,
    ) -> SlotAllocation | None:
        name = request.request_id
        held = self.count.get(name, 0)
        computed = request.num_computed_tokens + len(new_computed_blocks) * self.block_size
        after = computed + num_new_tokens
        if num_new_tokens < 1 or after > request.num_tokens:
            raise ValueError("tokens")
        if held and new_computed_blocks:
            raise ValueError("hits")
        logical = list(range(held + len(new_computed_blocks), -(-after // self.block_size)))
        old = self.at.get((name, computed // self.block_size))
        if old is not None and (old.ref_cnt > 1 or old.block_hash is not None):
            logical.insert(0, computed // self.block_size)
        else:
            old = None
        woken = [block for block in new_computed_blocks if block.ref_cnt == 0]
        free = self.block_pool.get_num_free_blocks()
        if free - len(woken) - len(logical) < reserved_blocks:
            return None
        self.block_pool.touch(new_computed_blocks)
        for index, block in enumerate(new_computed_blocks):
            self.at[name, index] = block
        new = self.block_pool.get_new_blocks(len(logical))
        self.at.update({(name, index): block for index, block in zip(logical, new, strict=True)})
        self.count[name] = -(-after // self.block_size)
        if old is not None:
            self.block_pool.free_blocks([old])
        for index in range(computed // self.block_size, after // self.block_size):
            if self.cache_on:
                parent = self.at[name, index - 1].block_hash if index else None
                self.block_pool.cache_full_block(
                    self.at[name, index], self.hash_of(request, index, parent)
                )
        copies = ((old.block_id, new[0].block_id),) if old is not None else ()
        return SlotAllocation(tuple(new), copies)

    def fork(self, parent: Request, child: Request) -> None:
        if self.count.get(child.request_id):
            raise ValueError("child")
        for index in range(self.count.get(parent.request_id, 0)):
            block = self.at[parent.request_id, index]
            self.block_pool.touch([block])
            self.at[child.request_id, index] = block
        self.count[child.request_id] = self.count.get(parent.request_id, 0)

    def truncate(self, request: Request, num_tokens: int) -> None:
        if not 0 <= num_tokens <= request.num_computed_tokens:
            raise ValueError("num_tokens")
        self.cut(request.request_id, -(-num_tokens // self.block_size))

    def free(self, request: Request) -> None:
        self.cut(request.request_id, 0)

    def get_block_ids(self, request: Request) -> list[int]:
        name = request.request_id
        return [self.at[name, index].block_id for index in range(self.count.get(name, 0))]

    def cut(self, name: str, kept: int) -> None:
        for index in range(self.count.get(name, 0) - 1, kept - 1, -1):
            self.block_pool.free_blocks([self.at.pop((name, index))])
        self.count[name] = min(kept, self.count.get(name, 0))

    def hash_of(self, request: Request, index: int, parent: BlockHash | None) -> BlockHash:
        """The salt and the adapter stand in the first block's hash; the chain carries them on."""
        tokens = request.token_ids[index * self.block_size : (index + 1) * self.block_size]
        return hash_block_tokens(parent, tokens, () if index else request.extra_keys)
