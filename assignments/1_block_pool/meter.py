"""Stage 1's performance workload: the same few operations in a small and in a huge pool.

A quarter of each pool is cached and free, the rest is held, so that a free block without a hash
exists only where a case makes one. Cases follow each other in the order of CASES and leave the
pool as they found it. What is reported is a claim; the judge checks it and uses its own clock.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from itertools import islice
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import plain
from autograder.worker.steps import StepCounter, TooManySteps

CASES = ("free", "allocate", "hit", "restore", "evict", "restore")
CALLS, BLOCKS = 64, 4
HITS = 64
"""Enough of each that work in C, which no step shows, stands out against a request's overhead."""


class Meter:
    """Holds one pool per size."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        gc.disable()
        self._modules = modules
        self._pools: dict[int, _Pool] = {}

    def prepare(self, size: int) -> Json:
        """Build the pool of one size and give its number of free blocks."""
        self._pools[size] = _Pool(self._modules["block_pool"].BlockPool(size), size)
        return plain(self._pools[size].pool.get_num_free_blocks())

    def work(self, case: str, size: int, most_steps: int) -> Json:
        """Do one slice of a case; give what it brought and, if there is a limit, its steps."""
        pool = self._pools[size]
        slice_of_work: Callable[[], list[Any]] = getattr(pool, case)
        counter = StepCounter(most_steps)
        try:
            with counter if most_steps else nullcontext():
                outputs = slice_of_work()
        except TooManySteps:
            return {"outputs": None, "steps": most_steps}
        return {"outputs": pool.show(outputs), "steps": counter.count}


class _Pool:
    """A pool with the cached quarter in the order in which it must be evicted."""

    def __init__(self, pool: Any, size: int) -> None:
        self.pool = pool
        blocks = pool.get_new_blocks(size - 1)
        quarter = size // 4
        with suppress(NotImplementedError):  # a pool without a cache still allocates and frees
            for index in range(quarter):
                pool.cache_full_block(blocks[index], _hash(index))
        pool.free_blocks(blocks[:quarter])
        self._held = blocks[quarter : quarter + CALLS * BLOCKS]
        self._rest = blocks[quarter + CALLS * BLOCKS :]
        self._queue = dict.fromkeys(range(quarter))  # in order, with removal in O(1)
        self._out: list[tuple[int, Any]] = []
        self._choose()

    def free(self) -> list[Any]:
        for start in range(0, CALLS * BLOCKS, BLOCKS):
            self.pool.free_blocks(self._held[start : start + BLOCKS])
        return self._held

    def allocate(self) -> list[Any]:
        self._held = [block for _ in range(CALLS) for block in self.pool.get_new_blocks(BLOCKS)]
        return self._held

    def hit(self) -> list[Any]:
        """Hits in the middle of the free queue, where a scan from either end is dearest."""
        labels = self._middle
        self._out = [(label, self.pool.get_cached_block(_hash(label))) for label in labels]
        for _, block in self._out:
            self.pool.touch([block])
        return [block for _, block in self._out]

    def evict(self) -> list[Any]:
        calls = HITS // BLOCKS
        blocks = [block for _ in range(calls) for block in self.pool.get_new_blocks(BLOCKS)]
        self._out = list(zip(self._oldest, blocks, strict=True))
        return blocks

    def restore(self) -> list[Any]:
        """Put what `hit` or `evict` took back into the cache, as most recently freed."""
        for label, block in self._out:
            if block.block_hash is None:
                self.pool.cache_full_block(block, _hash(label))
            del self._queue[label]
            self._queue[label] = None
        self.pool.free_blocks([block for _, block in self._out])
        self._choose()
        return []

    def _choose(self) -> None:
        """Choose what is hit and evicted next, outside the measured work."""
        middle = len(self._queue) // 2
        self._middle = list(islice(self._queue, middle, middle + HITS))
        self._oldest = list(islice(self._queue, HITS))

    def show(self, blocks: list[Any]) -> Json:
        """Ids, counts and hashes of the blocks that a case brought, and the free count."""
        shown = [[plain(b.block_id), plain(b.ref_cnt), _label(b.block_hash)] for b in blocks]
        wanted: list[Json] = [label for label, _ in self._out]
        return {"blocks": shown, "labels": wanted, "free": plain(self.pool.get_num_free_blocks())}


def _hash(label: int) -> bytes:
    return label.to_bytes(8, "little")


def _label(block_hash: object) -> Json:
    return int.from_bytes(block_hash, "little") if type(block_hash) is bytes else plain(block_hash)
