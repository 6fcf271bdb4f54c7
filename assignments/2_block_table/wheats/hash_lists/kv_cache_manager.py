"""A manager that keeps the hashes of each request's full blocks, as vLLM's requests do."""

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
            raise ValueError("block_size")
        self.block_size = block_size
        self.block_pool = block_pool
        self.enable_caching = enable_caching
        self.req_to_blocks: dict[str, list[KVCacheBlock]] = {}
        self.req_to_hashes: dict[str, list[BlockHash]] = {}

    def get_computed_blocks(self, request: Request) -> tuple[list[KVCacheBlock], int]:
        found: list[KVCacheBlock] = []
        if self.enable_caching and request.num_tokens > 0:
            for block_hash in self._hashes(
                request, [], (request.num_tokens - 1) // self.block_size
            ):
                block = self.block_pool.get_cached_block(block_hash)
                if block is None:
                    break
                found += [block]
        return found, sum(self.block_size for _ in found)

    def allocate_slots(
        self,
        request: Request,
        num_new_tokens: int,
        new_computed_blocks: Sequence[KVCacheBlock] = (),
        reserved_blocks: int = 0,
    ) -> SlotAllocation | None:
        key = request.request_id
        blocks = self.req_to_blocks.get(key, [])
        num_hit = len(new_computed_blocks) * self.block_size
        total = request.num_computed_tokens + num_hit + num_new_tokens
        if num_new_tokens < 1 or total > request.num_tokens or (num_hit and blocks):
            raise ValueError("not a step of this request")
        tail = blocks[-1:] if request.num_computed_tokens % self.block_size else []
        tail = [one for one in tail if one.ref_cnt > 1 or one.block_hash]
        needed = (total + self.block_size - 1) // self.block_size
        needed += len(tail) - len(blocks) - len(new_computed_blocks)
        evictable = [one for one in new_computed_blocks if one.ref_cnt == 0]
        if needed + len(evictable) > self.block_pool.get_num_free_blocks() - reserved_blocks:
            return None
        self.block_pool.touch(new_computed_blocks)
        taken = self.block_pool.get_new_blocks(needed)
        kept = blocks[: len(blocks) - len(tail)]
        self.req_to_blocks[key] = kept + list(new_computed_blocks) + taken
        if tail:
            self.block_pool.free_blocks(tail)
        if self.enable_caching:
            self._cache(request, total // self.block_size)
        return SlotAllocation(
            tuple(taken), tuple((one.block_id, taken[0].block_id) for one in tail)
        )

    def fork(self, parent: Request, child: Request) -> None:
        if self.req_to_blocks.get(child.request_id):
            raise ValueError("child has blocks")
        blocks = self.req_to_blocks.get(parent.request_id, [])
        self.block_pool.touch(blocks)
        self.req_to_blocks[child.request_id] = blocks[:]
        self.req_to_hashes[child.request_id] = self.req_to_hashes.get(parent.request_id, [])[:]

    def truncate(self, request: Request, num_tokens: int) -> None:
        if num_tokens < 0 or request.num_computed_tokens < num_tokens:
            raise ValueError("num_tokens")
        blocks = self.req_to_blocks.get(request.request_id, [])
        keep = (num_tokens + self.block_size - 1) // self.block_size
        self.req_to_blocks[request.request_id] = blocks[:keep]
        del self.req_to_hashes.get(request.request_id, [])[num_tokens // self.block_size :]
        self.block_pool.free_blocks(
            blocks[: keep - 1 if keep else None : -1] if blocks[keep:] else []
        )

    def free(self, request: Request) -> None:
        self.req_to_hashes.pop(request.request_id, None)
        for block in self.req_to_blocks.pop(request.request_id, [])[::-1]:
            self.block_pool.free_blocks([block])

    def get_block_ids(self, request: Request) -> list[int]:
        return list(map(_id, self.req_to_blocks.get(request.request_id, ())))

    def _cache(self, request: Request, full: int) -> None:
        hashes = self.req_to_hashes.setdefault(request.request_id, [])
        self._hashes(request, hashes, full)
        for block, block_hash in zip(self.req_to_blocks[request.request_id], hashes, strict=False):
            if not block.block_hash:
                self.block_pool.cache_full_block(block, block_hash)

    def _hashes(self, request: Request, known: list[BlockHash], count: int) -> list[BlockHash]:
        """Extend `known` to the hashes of the first `count` blocks."""
        while len(known) < count:
            begin = len(known) * self.block_size
            tokens = request.token_ids[begin : begin + self.block_size]
            parent = known[-1] if known else None
            known.append(hash_block_tokens(parent, tokens, request.extra_keys))
        return known


def _id(block: KVCacheBlock) -> int:
    return block.block_id
