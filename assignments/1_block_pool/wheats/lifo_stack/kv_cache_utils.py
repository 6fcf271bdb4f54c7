"""The block; the suggested queue is left unwritten, because the pool has no use for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pagedlab.block_hash import BlockHash


@dataclass(slots=True, eq=False)
class KVCacheBlock:
    """One physical block."""

    block_id: int
    ref_cnt: int = 0
    block_hash: BlockHash | None = None
    is_null: bool = False
    prev_free_block: KVCacheBlock | None = None
    next_free_block: KVCacheBlock | None = None


class FreeKVCacheBlockQueue:
    """Not used."""

    def __init__(self, blocks: Iterable[KVCacheBlock]) -> None:
        raise NotImplementedError("Stage 1 · FreeKVCacheBlockQueue.__init__ is not written yet")

    def popleft(self) -> KVCacheBlock:
        """Take the block at the head."""
        raise NotImplementedError("Stage 1 · FreeKVCacheBlockQueue.popleft is not written yet")
