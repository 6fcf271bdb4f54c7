"""Group F, public: rows of the batched table."""

from __future__ import annotations

from stage2.language import add_row, append_row, clear_row, move_row, rows, swap_row

from autograder.judge.rules import Judge, rule


@rule("2.17")
def test_a_row_holds_what_it_was_given_and_zeros_behind(judge: Judge) -> None:
    judge.check(rows(1, 1), append_row(0, 7), clear_row(0), add_row(0, 8))
    judge.check(rows(3, 4), append_row(1, 5, 2), append_row(1), append_row(1, 7), append_row(1, 9))
    judge.check(rows(3, 4), add_row(0, 5, 2, 7, 1), add_row(0, 3), append_row(0, 4), add_row(0))
    judge.check(rows(3, 4), add_row(2, 5, 2, 7), clear_row(2), append_row(2, 6), clear_row(0))
    judge.check(rows(2, 3), add_row(0, 70_000, 2**31 - 1), append_row(0, 2**24 + 1))


@rule("2.18")
def test_moving_and_swapping_take_whole_rows(judge: Judge) -> None:
    two = (rows(4, 4), add_row(0, 5, 2, 7), add_row(1, 3))
    judge.check(*two, move_row(0, 1), append_row(1, 9), append_row(0, 4))
    judge.check(*two, move_row(1, 0), append_row(0, 9))
    judge.check(*two, move_row(0, 2), move_row(2, 3), move_row(1, 0))
    judge.check(*two, move_row(0, 0), append_row(0, 9), move_row(2, 2), move_row(3, 0))
    judge.check(*two, swap_row(0, 1), append_row(0, 8), append_row(1, 9), swap_row(1, 0))
    judge.check(*two, swap_row(1, 2), swap_row(0, 0), append_row(0, 9), swap_row(3, 3))
