"""The reference's own tests of the cache manager: behaviour, never ids or internals."""

from __future__ import annotations

import pytest

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_manager import KVCacheManager, SlotAllocation
from pagedlab.request import Request

P = 4
NINE = list(range(1, 10))


class Bench:
    """A pool, its manager, and the steps that a scheduler would take."""

    def __init__(self, usable: int, enable_caching: bool = True) -> None:
        self.pool = BlockPool(usable + 1)
        self.manager = KVCacheManager(P, self.pool, enable_caching)

    def step(self, request: Request, num_tokens: int, hit: bool = False) -> SlotAllocation | None:
        blocks, held = self.manager.get_computed_blocks(request) if hit else ([], 0)
        given = self.manager.allocate_slots(request, num_tokens, blocks)
        if given is not None:
            request.num_computed_tokens += held + num_tokens
        return given

    def ids(self, *requests: Request) -> list[list[int]]:
        return [self.manager.get_block_ids(request) for request in requests]

    def found(self, tokens: list[int], *keys: str) -> int:
        return self.manager.get_computed_blocks(Request("probe", tokens, 0, keys))[1]

    def free(self) -> int:
        return self.pool.get_num_free_blocks()


def filled(bench: Bench, name: str, tokens: list[int], *keys: str, hit: bool = False) -> Request:
    """A request that has computed all its tokens."""
    request = Request(name, list(tokens), 0, keys)
    held = bench.manager.get_computed_blocks(request)[1] if hit else 0
    assert bench.step(request, len(tokens) - held, hit) is not None
    return request


@pytest.mark.parametrize("count, blocks", [(1, 1), (3, 1), (4, 1), (5, 2), (8, 2), (9, 3)])
def test_a_request_holds_the_blocks_of_its_computed_tokens(count: int, blocks: int) -> None:
    bench = Bench(5)
    filled(bench, "a", list(range(count)))
    assert bench.free() == 5 - blocks


def test_a_block_is_taken_when_its_first_token_is_about_to_be_computed() -> None:
    bench = Bench(5)
    request = filled(bench, "a", [1, 2, 3])
    held = []
    for token in range(4, 10):
        request.append_output_token_ids([token])
        held.append(len(bench.ids(request)[0]))
        before = bench.ids(request)[0]
        given = bench.step(request, 1)
        assert given is not None and given.copies == ()
        assert bench.ids(request)[0] == before + [block.block_id for block in given.new_blocks]
    assert held == [1, 1, 2, 2, 2, 2] and len(bench.ids(request)[0]) == 3


def test_a_step_that_does_not_fit_changes_nothing() -> None:
    bench = Bench(3)
    first = filled(bench, "a", NINE[:8])
    second = Request("b", NINE)
    before = bench.ids(first, second), bench.free()
    assert bench.step(second, 5) is None
    assert (bench.ids(first, second), bench.free(), second.num_computed_tokens) == (*before, 0)
    assert bench.step(second, 4) is not None
    assert bench.free() == 0 and bench.step(second, 1) is None


def test_reserved_blocks_stay_free() -> None:
    bench = Bench(3)
    request = Request("a", NINE)
    assert bench.manager.allocate_slots(request, 8, (), 2) is None
    assert bench.free() == 3
    assert bench.manager.allocate_slots(request, 8, (), 1) is not None


def test_a_lookup_finds_the_longest_cached_prefix() -> None:
    bench = Bench(9)
    filled(bench, "a", NINE)
    assert bench.found(NINE + [1]) == 8
    assert bench.found(NINE[:5] + [0, 7, 8, 9]) == 4
    assert bench.found([0, *NINE[1:]]) == 0
    assert bench.found(NINE[4:]) == 0
    assert bench.free() == 6


def test_at_least_one_token_is_left_to_compute() -> None:
    bench = Bench(9)
    filled(bench, "a", NINE[:8])
    assert (bench.found(NINE[:8]), bench.found(NINE), bench.found(NINE[:4])) == (4, 8, 0)


def test_only_full_blocks_are_cached_and_only_with_caching_on() -> None:
    bench = Bench(9)
    request = Request("a", NINE)
    bench.step(request, 3)
    assert bench.found(NINE) == 0
    bench.step(request, 1)
    assert bench.found(NINE) == 4
    off = Bench(9, enable_caching=False)
    filled(off, "a", NINE)
    assert off.found(NINE) == 0


def test_other_content_is_not_found() -> None:
    bench = Bench(9)
    filled(bench, "a", [1, 23, 5, 6, 7], "lora")
    assert bench.found([1, 23, 5, 6, 7], "lora") == 4
    for keys in ((), ("salt",), ("lora", "salt")):
        assert bench.found([1, 23, 5, 6, 7], *keys) == 0
    for tokens in ([12, 3, 5, 6, 7], [23, 1, 5, 6, 7], [1, 23 + 2**32, 5, 6, 7]):
        assert bench.found(tokens, "lora") == 0
    filled(bench, "b", [0, 1, 2, 3, 4])
    assert bench.found([2**61 - 1, 1, 2, 3, 4]) == 0


def test_a_hit_shares_blocks_and_outlives_the_first_holder() -> None:
    bench = Bench(4)
    first = filled(bench, "a", NINE)
    second = filled(bench, "b", NINE, hit=True)
    assert bench.ids(second)[0][:2] == bench.ids(first)[0][:2] and bench.free() == 0
    bench.manager.free(first)
    assert bench.free() == 1
    bench.manager.free(second)
    assert bench.free() == 4


def test_a_hit_on_free_blocks_counts_them_as_taken() -> None:
    bench = Bench(3)
    bench.manager.free(filled(bench, "a", NINE))
    second = Request("b", NINE + NINE)
    assert bench.step(second, 5, hit=True) is None
    assert (bench.free(), bench.ids(second)) == (3, [[]])
    assert bench.step(second, 4, hit=True) is not None
    assert bench.free() == 0


def test_requests_that_compute_one_prefix_keep_their_own_blocks() -> None:
    bench = Bench(5)
    first, second = filled(bench, "a", NINE[:5]), filled(bench, "b", NINE[:5])
    assert not set(bench.ids(first)[0]) & set(bench.ids(second)[0])
    assert bench.found(NINE) == 4
    bench.manager.free(first)
    filled(bench, "c", [50 + token for token in NINE])
    assert bench.free() == 0 and bench.found(NINE) == 4


def test_a_child_shares_all_blocks() -> None:
    bench = Bench(3)
    parent = filled(bench, "a", NINE[:6])
    child = parent.fork("b")
    bench.manager.fork(parent, child)
    assert bench.ids(child) == bench.ids(parent) and bench.free() == 1
    bench.manager.free(parent)
    assert bench.free() == 1
    bench.manager.free(child)
    assert bench.free() == 3


@pytest.mark.parametrize("enable_caching", [True, False])
def test_a_shared_block_is_copied_by_whoever_writes_first(enable_caching: bool) -> None:
    bench = Bench(4, enable_caching)
    parent = filled(bench, "a", NINE[:6])
    child = parent.fork("b")
    bench.manager.fork(parent, child)
    before = bench.ids(parent)[0]
    parent.append_output_token_ids([7])
    child.append_output_token_ids([8])
    given = bench.step(parent, 1)
    assert given is not None and len(given.new_blocks) == 1
    assert given.copies == ((before[1], given.new_blocks[0].block_id),)
    assert bench.ids(child)[0] == before and bench.ids(parent)[0][0] == before[0]
    assert bench.ids(parent)[0][1] == given.new_blocks[0].block_id
    given = bench.step(child, 1)
    assert given == SlotAllocation((), ()) and bench.ids(child)[0] == before
    assert bench.free() == 1


def test_a_copy_needs_a_free_block() -> None:
    bench = Bench(2)
    parent = filled(bench, "a", NINE[:6])
    child = parent.fork("b")
    bench.manager.fork(parent, child)
    child.append_output_token_ids([7])
    before = bench.ids(parent, child)
    assert bench.step(child, 1) is None and bench.ids(parent, child) == before
    bench.manager.free(parent)
    assert bench.step(child, 1) == SlotAllocation((), ())


def test_nothing_is_copied_at_the_end_of_a_block() -> None:
    bench = Bench(4)
    parent = filled(bench, "a", NINE[:8])
    child = parent.fork("b")
    bench.manager.fork(parent, child)
    child.append_output_token_ids([9])
    given = bench.step(child, 1)
    assert given is not None and given.copies == () and len(given.new_blocks) == 1


@pytest.mark.parametrize("kept, blocks", [(9, 3), (8, 2), (5, 2), (4, 1), (1, 1), (0, 0)])
def test_truncating_gives_back_the_blocks_beyond(kept: int, blocks: int) -> None:
    bench = Bench(3)
    request = filled(bench, "a", NINE)
    before = bench.ids(request)[0]
    bench.manager.truncate(request, kept)
    assert bench.ids(request)[0] == before[:blocks] and bench.free() == 3 - blocks


def test_a_cached_block_is_not_written_into() -> None:
    bench = Bench(4)
    request = filled(bench, "a", NINE[:8])
    bench.manager.truncate(request, 6)
    del request.token_ids[6:]
    request.num_computed_tokens = 6
    request.append_output_token_ids([50, 51])
    given = bench.step(request, 2)
    assert given is not None and len(given.copies) == 1
    assert bench.found(NINE) == 8 and bench.found([*NINE[:6], 50, 51, 9]) == 8


def test_a_request_that_was_freed_can_come_again() -> None:
    bench = Bench(3)
    request = filled(bench, "a", NINE)
    bench.manager.free(request)
    bench.manager.free(request)
    request.num_computed_tokens = 0
    assert bench.free() == 3 and bench.step(request, 1, hit=True) is not None
    assert (bench.free(), request.num_computed_tokens) == (0, 9)


def test_the_tail_is_evicted_before_the_beginning() -> None:
    bench = Bench(3)
    bench.manager.free(filled(bench, "a", NINE + [10, 11, 12]))
    found = []
    for number in range(3):
        filled(bench, str(number), [50 + number])
        found.append(bench.found(NINE + [10, 11, 12, 13]))
    assert found == [8, 4, 0]


def test_misuse_raises_and_changes_nothing() -> None:
    bench = Bench(6)
    request = Request("a", NINE)
    bench.step(request, 5)
    other = Request("b", NINE)
    bench.step(other, 1)
    before = bench.ids(request, other), bench.free()
    hits = bench.manager.get_computed_blocks(request)[0]
    with pytest.raises(ValueError):
        KVCacheManager(0, BlockPool(3))
    for count in (-1, 0, 5):
        with pytest.raises(ValueError):
            bench.manager.allocate_slots(request, count)
    with pytest.raises(ValueError):
        bench.manager.allocate_slots(other, 1, hits)
    with pytest.raises(ValueError):
        bench.manager.allocate_slots(Request("c", NINE[:6]), 3, hits)
    for kept in (-1, 6):
        with pytest.raises(ValueError):
            bench.manager.truncate(request, kept)
    with pytest.raises(ValueError):
        bench.manager.fork(request, other)
    assert (bench.ids(request, other), bench.free()) == before
