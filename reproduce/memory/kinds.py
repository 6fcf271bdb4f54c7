"""The memories that are compared: the reference's own, under the names of the paper's baselines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pagedlab.contiguous import BuddyAllocator, FirstFitAllocator
from pagedlab.fragmentation import ContiguousMemory, PagedMemory
from pagedlab.replay import KVMemory, Reservation

BLOCK_SIZE = 16
WATERMARK = 0.01
"""Share of the blocks that admission leaves free, as vLLM did in the paper's time. Its default is
0 now; `paged_full` shows what that does without its scheduler's other limits."""


@dataclass(frozen=True)
class Memory:
    """One kind of memory.

    `build` takes the number of slots and `max_model_len`. Requests are only admitted while
    `watermark` of all slots stay free, unless nothing runs.
    """

    key: str
    title: str
    build: Callable[[int, int], KVMemory]
    watermark: float = 0.0


def _contiguous(
    allocator: type[BuddyAllocator] | type[FirstFitAllocator], policy: Reservation
) -> Callable[[int, int], KVMemory]:
    return lambda slots, longest: ContiguousMemory(allocator(slots), policy, longest)


def paged(block_size: int) -> Memory:
    """Give paged memory with this block size."""
    return Memory(
        f"paged_{block_size}",
        f"paged, blocks of {block_size}",
        lambda slots, _: PagedMemory(slots // block_size, block_size),
        WATERMARK,
    )


MAX = Memory("max", "room for the longest sequence", _contiguous(BuddyAllocator, Reservation.MAX))
POW2 = Memory("pow2", "output to a power of two", _contiguous(BuddyAllocator, Reservation.POW2))
ORACLE = Memory("oracle", "true length, buddy", _contiguous(BuddyAllocator, Reservation.ORACLE))
FIRST_FIT = Memory(
    "first_fit", "true length, first fit", _contiguous(FirstFitAllocator, Reservation.ORACLE)
)
CONTIGUOUS = (MAX, POW2, ORACLE, FIRST_FIT)
PAGED = paged(BLOCK_SIZE)
PAGED_FULL = Memory("paged_full", "paged, no watermark", PAGED.build)
