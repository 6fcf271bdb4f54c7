"""Stage 6. Tests of the two contiguous allocators."""

from __future__ import annotations

import pytest

from pagedlab.contiguous import BuddyAllocator, FirstFitAllocator
from pagedlab.errors import OutOfSlots, UnknownRequest
from pagedlab.replay import Region

Allocator = type[FirstFitAllocator] | type[BuddyAllocator]
both = pytest.mark.parametrize("kind", [FirstFitAllocator, BuddyAllocator])


def pieces(memory: FirstFitAllocator | BuddyAllocator) -> list[tuple[int, int]]:
    return [(hole.start, hole.num_slots) for hole in memory.holes()]


def test_first_fit_takes_the_lowest_hole_that_is_large_enough() -> None:
    memory = FirstFitAllocator(12)
    for name, size in (("a", 2), ("b", 1), ("c", 4), ("d", 1)):
        memory.allocate(name, size)
    memory.free("a")
    memory.free("c")
    assert memory.allocate("e", 3) == Region(3, 3)
    assert memory.allocate("f", 2) == Region(0, 2)
    assert pieces(memory) == [(6, 1), (8, 4)]


@pytest.mark.parametrize("order", ["abc", "acb", "bac", "bca", "cab", "cba"])
def test_first_fit_joins_holes_that_touch(order: str) -> None:
    memory = FirstFitAllocator(9)
    for name in "abc":
        memory.allocate(name, 3)
    for name in order:
        memory.free(name)
    assert pieces(memory) == [(0, 9)]


def test_a_buddy_region_is_the_next_power_of_two() -> None:
    memory = BuddyAllocator(32)
    assert [memory.allocate(str(size), size).num_slots for size in (1, 2, 3, 5, 8)] == [
        *(1, 2, 4, 8, 8),
    ]


def test_a_buddy_memory_of_any_size_is_cut_into_powers_of_two() -> None:
    assert pieces(BuddyAllocator(13)) == [(0, 8), (8, 4), (12, 1)]


def test_a_buddy_region_comes_from_the_smallest_then_lowest_hole() -> None:
    memory = BuddyAllocator(24)
    assert memory.allocate("a", 2) == Region(16, 2)
    assert memory.allocate("b", 2) == Region(18, 2)
    assert memory.allocate("c", 8) == Region(0, 8)
    memory.free("a")
    assert memory.allocate("d", 1) == Region(16, 1)
    assert pieces(memory) == [(8, 8), (17, 1), (20, 4)]


def test_only_buddies_are_joined() -> None:
    memory = BuddyAllocator(16)
    for name in "abcd":
        memory.allocate(name, 4)
    memory.free("b")
    memory.free("c")
    assert pieces(memory) == [(4, 4), (8, 4)]
    with pytest.raises(OutOfSlots):
        memory.allocate("e", 8)
    memory.free("a")
    assert pieces(memory) == [(0, 8), (8, 4)]
    memory.free("d")
    assert pieces(memory) == [(0, 16)]


@both
def test_the_whole_memory_can_be_one_region(kind: Allocator) -> None:
    memory = kind(8)
    assert memory.allocate("a", 8) == Region(0, 8)
    assert memory.holes() == []
    memory.free("a")
    assert pieces(memory) == [(0, 8)]


@both
def test_what_does_not_fit_changes_nothing(kind: Allocator) -> None:
    memory = kind(8)
    memory.allocate("a", 4)
    with pytest.raises(OutOfSlots):
        memory.allocate("b", 5)
    assert pieces(memory) == [(4, 4)]
    assert memory.allocate("b", 4) == Region(4, 4)


@both
def test_misuse_raises(kind: Allocator) -> None:
    memory = kind(8)
    memory.allocate("a", 2)
    for name, size in (("a", 1), ("b", 0), ("b", -1)):
        with pytest.raises(ValueError):
            memory.allocate(name, size)
    memory.free("a")
    for name in ("a", "b"):
        with pytest.raises(UnknownRequest):
            memory.free(name)
    assert pieces(memory) == [(0, 8)]
    with pytest.raises(ValueError):
        kind(0)
