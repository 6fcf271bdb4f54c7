"""Groups D and E, public: the tracker and its leak report."""

from __future__ import annotations

from stage6.generate import EVENTS, programs
from stage6.language import allocate, finish, free, percentile, share, tracker, write

from autograder.judge.rules import Judge, rule


@rule("6.10")
def test_the_sums_are_those_of_a_scan(judge: Judge) -> None:
    start = (tracker(9, 4), allocate(0.0, "a", 3, 5), write(0.0, 3, 4), write(0.0, 5, 1))
    judge.check(*start, write(1.0, 5, 3), share(1.0, "b", 3), free(2.0, "a", 5, 3))
    judge.check(*start, share(1.0, "b", 3), share(1.0, "c", 3), free(2.0, "b", 3))
    judge.check(*start, free(1.0, "a", 3), share(2.0, "b", 3), free(3.0, "b", 3))
    judge.check(*start, free(1.0, "a", 3), allocate(2.0, "b", 3), write(2.0, 3, 2))
    judge.check(*start, write(1.0, 3, 0), write(1.0, 3, 2), allocate(1.0, "a", 0, 1))
    judge.check(tracker(3, 2), allocate(0.0, "a", 0), share(0.0, "b", 0), free(0.0, "a", 0))
    judge.check_all(programs(judge.new_seed(), 40, 7, EVENTS))


@rule("6.11")
def test_a_contradictory_event_raises_and_changes_nothing(judge: Judge) -> None:
    held = (tracker(5, 4), allocate(1.0, "a", 1, 2), share(1.0, "b", 1))
    judge.check(*held, allocate(2.0, "c", 3, 1), free(1.25, "a", 2))
    judge.check(*held, share(2.0, "a", 3, 2), share(2.0, "b", 2, 2), share(1.0, "c", 3))
    judge.check(*held, free(2.0, "a", 1, 1), free(2.0, "b", 1, 2), free(2.0, "c", 1))
    judge.check(*held, allocate(0.5, "c", 3), write(0.5, 1, 1), finish(0.5, "a"))
    judge.check(*held, allocate(2.0, "c", 5), share(2.0, "c", -1), free(2.0, "a", 1, 7))
    judge.check(*held, write(2.0, 3, 1), write(2.0, 0, 1), write(2.0, 1, 5), write(2.0, 1, -1))
    judge.check(*held, finish(2.0, "b"), allocate(2.0, "b", 3), share(2.0, "b", 2))
    judge.check(tracker(1, 4))
    judge.check(tracker(2, 0))


@rule("6.12")
def test_peak_mean_and_percentiles_weigh_each_usage_by_its_time(judge: Judge) -> None:
    start = (tracker(9, 4), allocate(0.0, "a", 1, 2), allocate(1.0, "a", 3, 4, 5, 6))
    judge.check(*start, free(1.25, "a", 3, 4, 5, 6), free(10.0, "a", 1), free(11.0, "a", 2))
    judge.check(*start, free(1.0, "a", 1, 2, 3), allocate(4.0, "b", 7), percentile(75))
    judge.check(tracker(4, 1), allocate(2.0, "a", 1), allocate(4.0, "a", 2, 3), finish(4.5, "a"))
    judge.check(
        tracker(4, 1), allocate(0.0, "a", 1), percentile(50), percentile(0), percentile(101)
    )
    judge.check_all(programs(judge.new_seed(), 30, 8, EVENTS))


@rule("6.14")
def test_the_leak_report_names_request_and_block(judge: Judge) -> None:
    start = (tracker(9, 4), allocate(0.0, "a", 1, 2), allocate(0.0, "b", 3))
    judge.check(*start, free(1.0, "a", 1), finish(1.0, "a"), finish(2.0, "b"))
    judge.check(*start, free(1.0, "a", 2, 1), finish(1.0, "a"))
    judge.check(*start, finish(1.0, "a"))
    judge.check(*start, share(1.0, "b", 1), free(1.0, "a", 1, 2), finish(1.0, "a"))
    judge.check(*start, share(1.0, "b", 1), free(1.0, "b", 3), finish(1.0, "b"))
