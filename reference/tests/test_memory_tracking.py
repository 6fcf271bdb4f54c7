"""Stage 6. Tests of the tracker: sums, time, contradictions, leaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pagedlab.errors import ContradictoryEvent, UnknownBlock
from pagedlab.memory_tracking import Leak, MemoryTracker, Usage


@pytest.fixture
def tracker() -> MemoryTracker:
    """Nine blocks but the null block, 4 slots each: a holds 1 and 2, and b shares 1."""
    made = MemoryTracker(num_blocks=10, block_size=4)
    made.allocate(0.0, "a", [1, 2])
    made.write(0.0, 1, 4)
    made.write(0.0, 2, 1)
    made.share(1.0, "b", [1])
    return made


def test_a_shared_block_counts_once(tracker: MemoryTracker) -> None:
    assert tracker.usage() == Usage(2, 1, 5, 3)


def test_a_shared_block_is_used_until_its_last_holder_lets_go(tracker: MemoryTracker) -> None:
    tracker.free(2.0, "a", [1, 2])
    assert tracker.usage() == Usage(1, 0, 4, 0)
    tracker.free(3.0, "b", [1])
    assert tracker.usage() == Usage()


def test_a_third_holder_does_not_make_a_block_more_shared(tracker: MemoryTracker) -> None:
    tracker.share(2.0, "c", [1])
    assert tracker.usage().num_shared_blocks == 1
    tracker.free(2.0, "c", [1])
    assert tracker.usage().num_shared_blocks == 1


def test_what_is_written_again_counts_as_it_is_now(tracker: MemoryTracker) -> None:
    tracker.write(2.0, 2, 3)
    tracker.write(2.0, 1, 2)
    assert tracker.usage() == Usage(2, 1, 5, 3)


def test_a_cache_hit_brings_a_free_block_back_with_its_tokens(tracker: MemoryTracker) -> None:
    tracker.free(2.0, "a", [2])
    tracker.share(3.0, "c", [2])
    assert tracker.usage() == Usage(2, 1, 5, 3)


def test_a_block_that_is_allocated_again_is_empty(tracker: MemoryTracker) -> None:
    tracker.free(2.0, "a", [2])
    tracker.allocate(3.0, "c", [2])
    assert tracker.usage() == Usage(2, 1, 4, 4)


def test_the_null_block_counts_nowhere() -> None:
    tracker = MemoryTracker(num_blocks=3, block_size=4)
    tracker.allocate(0.0, "a", [0, 1, 2])
    assert tracker.usage() == Usage(2, 0, 0, 8)
    assert tracker.mean_usage() == 1.0
    tracker.share(0.0, "b", [0])
    tracker.free(0.0, "a", [0, 1])
    assert tracker.holders(0) == frozenset()


def test_the_peak_stays(tracker: MemoryTracker) -> None:
    tracker.allocate(1.0, "c", [3, 4, 5])
    tracker.free(1.0, "c", [3, 4, 5])
    assert (tracker.peak_blocks(), tracker.peak_blocks()) == (5, 5)


def test_the_mean_weighs_each_usage_by_its_time() -> None:
    tracker = MemoryTracker(num_blocks=5, block_size=4)
    assert tracker.mean_usage() == 0.0
    tracker.allocate(2.0, "a", [1, 2])
    tracker.free(8.0, "a", [1])
    tracker.finish(12.0, "b")
    assert tracker.mean_usage() == pytest.approx((6 * 2 + 4 * 1) / 12 / 4)


def test_before_time_has_passed_the_usage_now_counts() -> None:
    tracker = MemoryTracker(num_blocks=4, block_size=4)
    tracker.allocate(0.0, "a", [1])
    assert tracker.mean_usage() == pytest.approx(1 / 3)
    assert tracker.percentile_usage(50) == 34


def test_percentiles_weigh_each_usage_by_its_time() -> None:
    tracker = MemoryTracker(num_blocks=11, block_size=4)
    tracker.allocate(5.0, "a", [1])
    tracker.allocate(9.0, "a", [2, 3, 4])
    tracker.free(10.0, "a", [1])
    wanted = {1: 0, 50: 0, 50.5: 10, 90: 10, 91: 40, 100: 40}
    assert {percent: tracker.percentile_usage(percent) for percent in wanted} == wanted
    for wrong in (0, -1, 101):
        with pytest.raises(ValueError):
            tracker.percentile_usage(wrong)


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (ContradictoryEvent, lambda one: one.allocate(2.0, "c", [3, 1])),
        (ContradictoryEvent, lambda one: one.allocate(2.0, "c", [3, 3])),
        (ContradictoryEvent, lambda one: one.share(2.0, "b", [3, 1])),
        (ContradictoryEvent, lambda one: one.free(2.0, "b", [1, 2])),
        (ContradictoryEvent, lambda one: one.free(2.0, "a", [1, 1])),
        (ContradictoryEvent, lambda one: one.write(2.0, 3, 1)),
        (ContradictoryEvent, lambda one: one.write(2.0, 0, 1)),
        (UnknownBlock, lambda one: one.allocate(2.0, "c", [3, 10])),
        (UnknownBlock, lambda one: one.share(2.0, "c", [2, -1])),
        (ValueError, lambda one: one.write(2.0, 1, 5)),
        (ValueError, lambda one: one.allocate(0.5, "c", [3])),
        (ValueError, lambda one: one.finish(0.5, "b")),
    ],
)
def test_a_refused_event_changes_nothing(
    tracker: MemoryTracker, error: type[Exception], event: Callable[[MemoryTracker], None]
) -> None:
    with pytest.raises(error):
        event(tracker)
    assert tracker.usage() == Usage(2, 1, 5, 3)
    assert tracker.leaks() == []
    assert tracker.holders(3) == frozenset()
    tracker.finish(1.0, "nobody")  # the refused time did not count
    assert tracker.mean_usage() == pytest.approx(2 / 9)


def test_a_finished_request_takes_nothing_more(tracker: MemoryTracker) -> None:
    tracker.finish(2.0, "b")
    with pytest.raises(ContradictoryEvent):
        tracker.allocate(2.0, "b", [3])
    with pytest.raises(ContradictoryEvent):
        tracker.share(2.0, "b", [2])


def test_a_leak_is_what_a_finished_request_holds(tracker: MemoryTracker) -> None:
    tracker.finish(2.0, "b")
    assert tracker.leaks() == [Leak("b", 1)]
    tracker.free(3.0, "b", [1])
    assert tracker.leaks() == []
    tracker.finish(4.0, "a")
    assert {(leak.request_id, leak.block_id) for leak in tracker.leaks()} == {("a", 1), ("a", 2)}


def test_a_block_that_others_hold_is_a_leak_too(tracker: MemoryTracker) -> None:
    tracker.free(2.0, "a", [2])
    tracker.finish(2.0, "a")
    assert tracker.leaks() == [Leak("a", 1)]


def test_a_name_is_free_again_once_its_request_holds_nothing(tracker: MemoryTracker) -> None:
    tracker.free(2.0, "b", [1])
    tracker.finish(2.0, "b")
    tracker.allocate(3.0, "b", [3])
    assert tracker.leaks() == []


@pytest.mark.parametrize(("num_blocks", "block_size"), [(1, 4), (0, 4), (4, 0)])
def test_a_tracker_needs_a_block_and_a_slot(num_blocks: int, block_size: int) -> None:
    with pytest.raises(ValueError):
        MemoryTracker(num_blocks, block_size)
