"""The memories that are compared: the reference's own, under the names of the paper's baselines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pagedlab.contiguous import BuddyAllocator, FirstFitAllocator
from pagedlab.fragmentation import ContiguousMemory, PagedMemory
from pagedlab.replay import KVMemory, Reservation

BLOCK_SIZE = 16


@dataclass(frozen=True)
class Memory:
    """One kind of memory: its key, how it is shown, and what builds it.

    `build` takes the number of slots and `max_model_len`.
    """

    key: str
    title: str
    build: Callable[[int, int], KVMemory]


def _contiguous(
    allocator: type[BuddyAllocator] | type[FirstFitAllocator], policy: Reservation
) -> Callable[[int, int], KVMemory]:
    return lambda slots, longest: ContiguousMemory(allocator(slots), policy, longest)


def paged(block_size: int) -> Memory:
    """Give paged memory with this block size."""
    return Memory(
        f"paged{block_size}",
        f"paged, block {block_size}",
        lambda slots, _: PagedMemory(slots // block_size, block_size),
    )


MAX = Memory("max", "longest sequence", _contiguous(BuddyAllocator, Reservation.MAX))
POW2 = Memory("pow2", "power of two", _contiguous(BuddyAllocator, Reservation.POW2))
ORACLE = Memory("oracle", "true length known", _contiguous(BuddyAllocator, Reservation.ORACLE))
FIRST_FIT = Memory(
    "first_fit", "true length, first fit", _contiguous(FirstFitAllocator, Reservation.ORACLE)
)
CONTIGUOUS = (MAX, POW2, ORACLE, FIRST_FIT)
PAGED = paged(BLOCK_SIZE)
