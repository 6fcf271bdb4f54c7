"""A manager with a record a request, whose table is a tuple that is replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pagedlab.block_hash import BlockHash, hash_block_tokens
from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_utils import KVCacheBlock
from pagedlab.request import Request


@dataclass(frozen=True)
class SlotAllocation:
    new_blocks: tuple[KVCacheBlock, ...] = ()
    copies: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class _Record:
    """The blocks of one request and the hash of its last full one."""

    blocks: tuple[KVCacheBlock, ...] = ()


class KVCacheManager:
    block_size: int
    block_pool: BlockPool

    def __init__(self, block_size: int, block_pool: BlockPool, enable_caching: bool = True) -> None:
        if not block_size > 0:
            raise ValueError(block_size)
        self.block_size = block_size
        self.block_pool = block_pool
        self._caches = enable_caching
        self._records: dict[str, _Record] = {}

    def get_computed_blocks(self, request: Request) -> tuple[list[KVCacheBlock], int]:
        found = list(self._cached_prefix(request)) if self._caches else []
        if found and len(found) * self.block_size == request.num_tokens:
            found.pop()
        return found, len(found) * self.block_size

    def allocate_slots(
        self,
        request: Request,
        num_new_tokens: int,
        new_computed_blocks: Sequence[KVCacheBlock] = (),
        reserved_blocks: int = 0,
    ) -> SlotAllocation | None:
        blocks = self._record(request).blocks
        hits = tuple(new_computed_blocks)
        if hits and blocks:
            raise ValueError("hits come first")
        done = request.num_computed_tokens + len(hits) * self.block_size
        positions = range(done, done + num_new_tokens)
        if not positions or positions[-1] >= request.num_tokens:
            raise ValueError("positions without tokens")
        blocks += hits
        written = sorted({position // self.block_size for position in positions})
        missing = [index for index in written if index >= len(blocks)]
        shared = [index for index in written if index < len(blocks) and self._busy(blocks[index])]
        count = len(missing) + len(shared)
        stays = sum(1 for hit in hits if hit.ref_cnt > 0)
        if self.block_pool.get_num_free_blocks() < count + len(hits) - stays + reserved_blocks:
            return None
        self.block_pool.touch(hits)
        new = tuple(self.block_pool.get_new_blocks(count))
        places = dict(zip(shared + missing, new, strict=True))
        size = len(blocks) + len(missing)
        table = tuple(places[i] if i in places else blocks[i] for i in range(size))
        self.block_pool.free_blocks(blocks[index] for index in shared)
        self._records[request.request_id] = _Record(table)
        self._cache(request, positions)
        return SlotAllocation(
            new, tuple((blocks[index].block_id, places[index].block_id) for index in shared)
        )

    def fork(self, parent: Request, child: Request) -> None:
        if self._record(child).blocks:
            raise ValueError("no child")
        self.block_pool.touch(self._record(parent).blocks)
        self._records[child.request_id] = self._record(parent)

    def truncate(self, request: Request, num_tokens: int) -> None:
        if num_tokens not in range(request.num_computed_tokens + 1):
            raise ValueError(num_tokens)
        blocks = self._record(request).blocks
        kept = len(range(0, num_tokens, self.block_size))
        self._records[request.request_id] = _Record(blocks[:kept])
        self.block_pool.free_blocks(reversed(blocks[kept:]))

    def free(self, request: Request) -> None:
        record = self._record(request)
        self._records.pop(request.request_id, None)
        self.block_pool.free_blocks(reversed(record.blocks))

    def get_block_ids(self, request: Request) -> list[int]:
        return [block.block_id for block in self._record(request).blocks]

    def _record(self, request: Request) -> _Record:
        return self._records.get(request.request_id, _Record())

    def _busy(self, block: KVCacheBlock) -> bool:
        return block.ref_cnt >= 2 or block.block_hash is not None

    def _cached_prefix(self, request: Request) -> Iterator[KVCacheBlock]:
        block_hash: BlockHash | None = None
        for end in range(self.block_size, request.num_tokens + 1, self.block_size):
            tokens = request.token_ids[end - self.block_size : end]
            block_hash = hash_block_tokens(block_hash, tokens, request.extra_keys)
            block = self.block_pool.get_cached_block(block_hash)
            if block is None:
                return
            yield block

    def _cache(self, request: Request, positions: range) -> None:
        blocks = self._record(request).blocks
        for position in positions if self._caches else ():
            index, offset = divmod(position, self.block_size)
            if offset == self.block_size - 1:
                parent = blocks[index - 1].block_hash if index else None
                tokens = request.token_ids[position + 1 - self.block_size : position + 1]
                block_hash = hash_block_tokens(parent, tokens, request.extra_keys)
                self.block_pool.cache_full_block(blocks[index], block_hash)
