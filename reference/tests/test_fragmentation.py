"""Stage 6. Tests of where the slots go, in contiguous and in paged memory."""

from __future__ import annotations

import pytest

from pagedlab.contiguous import BuddyAllocator, FirstFitAllocator
from pagedlab.errors import UnknownRequest
from pagedlab.fragmentation import ContiguousMemory, PagedMemory, reserved_slots, split_holding
from pagedlab.replay import MemoryUse, Request, Reservation, example_trace, replay


@pytest.mark.parametrize(
    ("policy", "output", "slots"),
    [
        *((Reservation.MAX, 3, 64), (Reservation.ORACLE, 3, 8)),
        *((Reservation.POW2, 0, 5), (Reservation.POW2, 1, 6), (Reservation.POW2, 25, 37)),
        *((Reservation.POW2, 32, 37), (Reservation.POW2, 33, 64)),
    ],
)
def test_a_policy_reserves_so_many_slots(policy: Reservation, output: int, slots: int) -> None:
    assert reserved_slots(policy, Request("a", 5, output), 64) == slots


def test_a_request_beyond_the_model_is_refused() -> None:
    for policy in Reservation:
        with pytest.raises(ValueError):
            reserved_slots(policy, Request("a", 5, 4), 8)


def test_what_is_given_is_used_reserved_or_wasted() -> None:
    assert split_holding(16, 5, 9) == MemoryUse(5, 4, 7)
    assert split_holding(8, 5, 9) == MemoryUse(5, 3, 0)


def test_holes_too_small_for_the_one_that_waits_are_external_waste() -> None:
    memory = ContiguousMemory(FirstFitAllocator(12), Reservation.ORACLE, 12)
    for name in "abc":
        assert memory.admit(Request(name, 2, 1))
    memory.release("b")
    assert memory.use() == MemoryUse(used=4, reservation=2, free=6)
    assert memory.use(Request("d", 2, 1)).external == 0
    assert memory.use(Request("d", 3, 1)) == MemoryUse(4, 2, 0, external=6, free=0)
    assert not memory.admit(Request("d", 3, 1))


def test_the_rounding_of_a_buddy_is_internal_waste() -> None:
    memory = ContiguousMemory(BuddyAllocator(16), Reservation.ORACLE, 16)
    memory.admit(Request("a", 3, 2))
    assert memory.use() == MemoryUse(used=3, reservation=2, internal=3, free=8)


def test_a_contiguous_request_grows_into_its_reservation_alone() -> None:
    memory = ContiguousMemory(FirstFitAllocator(4), Reservation.ORACLE, 4)
    memory.admit(Request("a", 1, 1))
    assert (memory.append("a"), memory.append("a")) == (True, False)
    assert memory.use().used == 2


def test_a_paged_request_takes_a_block_when_its_last_is_full() -> None:
    memory = PagedMemory(num_blocks=2, block_size=4)
    assert memory.admit(Request("a", 3, 6))
    seen = []
    for _ in range(5):
        memory.append("a")
        seen.append(memory.use().free)
    assert seen == [4, 0, 0, 0, 0]
    assert not memory.append("a")
    assert memory.use() == MemoryUse(used=8)
    memory.release("a")
    assert memory.use() == MemoryUse(free=8)


def test_a_prompt_that_fills_its_blocks_takes_no_more() -> None:
    memory = PagedMemory(num_blocks=2, block_size=4)
    assert memory.admit(Request("a", 4, 4))
    assert memory.use() == MemoryUse(used=4, free=4)
    assert not memory.admit(Request("b", 5, 0))
    assert memory.admit(Request("b", 4, 0))


def test_paged_memory_has_no_external_waste() -> None:
    memory = PagedMemory(num_blocks=3, block_size=4)
    memory.admit(Request("a", 1, 0))
    assert memory.use(Request("b", 100, 100)) == MemoryUse(1, 0, 3, external=0, free=8)


def memories() -> list[ContiguousMemory | PagedMemory]:
    contiguous = ContiguousMemory(FirstFitAllocator(8), Reservation.ORACLE, 8)
    return [contiguous, PagedMemory(2, 4)]


@pytest.mark.parametrize("memory", memories())
def test_misuse_raises(memory: ContiguousMemory | PagedMemory) -> None:
    memory.admit(Request("a", 1, 1))
    with pytest.raises(ValueError):
        memory.admit(Request("a", 1, 1))
    for misuse in (memory.append, memory.release):
        with pytest.raises(UnknownRequest):
            misuse("b")


@pytest.mark.parametrize(("num_blocks", "block_size"), [(0, 4), (4, 0)])
def test_a_paged_memory_has_blocks_and_slots(num_blocks: int, block_size: int) -> None:
    with pytest.raises(ValueError):
        PagedMemory(num_blocks, block_size)


def test_paging_uses_far_more_of_the_same_memory_on_the_same_trace() -> None:
    longest = ContiguousMemory(BuddyAllocator(1966), Reservation.MAX, 256)
    shares = [replay(example_trace(), memory).share("used") for memory in (longest, paged())]
    assert shares[0] < 0.25 < 0.9 < shares[1]


def paged() -> PagedMemory:
    return PagedMemory(1966 // 2, 2)
