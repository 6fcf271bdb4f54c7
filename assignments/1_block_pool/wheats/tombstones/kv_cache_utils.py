"""The block, and a queue that forgets lazily."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from pagedlab.block_hash import BlockHash


@dataclass(slots=True, eq=False)
class KVCacheBlock:
    """One physical block. `mark` grows each time that it enters or leaves a queue."""

    block_id: int
    ref_cnt: int = 0
    block_hash: BlockHash | None = None
    is_null: bool = False
    mark: int = 0


class ForgetfulQueue:
    """First in, first out. An entry whose mark is out of date is skipped: O(1) amortised."""

    def __init__(self) -> None:
        self._entries: deque[tuple[KVCacheBlock, int]] = deque()
        self.length = 0

    def __iter__(self) -> Iterator[KVCacheBlock]:
        return (block for block, mark in self._entries if block.mark == mark)

    def put(self, block: KVCacheBlock) -> None:
        """Put a block at the end."""
        block.mark += 1
        self._entries.append((block, block.mark))
        self.length += 1
        if len(self._entries) > 2 * self.length + 16:
            self._entries = deque(entry for entry in self._entries if entry[0].mark == entry[1])

    def take(self) -> KVCacheBlock:
        """Take the first block; there must be one."""
        block, mark = self._entries.popleft()
        while block.mark != mark:
            block, mark = self._entries.popleft()
        self.forget(block)
        return block

    def forget(self, block: KVCacheBlock) -> None:
        """Let the entry of a block of this queue go out of date."""
        block.mark += 1
        self.length -= 1
