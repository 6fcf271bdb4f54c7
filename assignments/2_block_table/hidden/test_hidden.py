"""The hidden rules of stage 2. They judge by the oracle, so any difference counts."""

from __future__ import annotations

from stage2.generate import FIXED, programs, random_program
from stage2.generate_rows import row_program
from stage2.language import (
    add_row,
    append_row,
    clear_row,
    fork,
    free,
    generate,
    lookup,
    move_row,
    new,
    request,
    rows,
    step,
    swap_row,
    truncate,
    whole,
)
from stage2.mixes import EVERYTHING, FORKS, GROWTH, PREFIXES
from stage2.oracle import Oracle

from autograder.judge.rules import Judge, rule

TEN = list(range(10, 20))
SIX = [1, 2, 3, 4, 5, 6]


@rule("2.3")
def test_reserved_blocks_stay_free(judge: Judge) -> None:
    start = (new(5, 4), request("a", TEN), request("b", SIX))
    for reserved in (0, 1, 2, 3):
        judge.check(*whole(*start, step("a", 9, reserved=reserved)), against=Oracle)
        judge.check(*whole(*start, step("a", 8), step("b", 4, reserved=reserved)), against=Oracle)
    full = (*start, step("a", 10), step("b", 3))
    judge.check(*whole(*full, step("b", 1, reserved=1), step("b", 1)), against=Oracle)
    hit = (*start, step("a", 10), free("a"), request("c", TEN), lookup("h", "c"))
    judge.check(*whole(*hit, step("c", 2, "h", 2), step("c", 2, "h", 1)), against=Oracle)
    pair = (new(4, 4), request("a", SIX), step("a", 6), fork("b", "a"), generate("b", 7))
    judge.check(*whole(*pair, step("b", 1, reserved=1), step("b", 1, reserved=0)), against=Oracle)
    judge.check_all(programs(judge.new_seed(), 50, GROWTH), against=Oracle)


@rule("2.7")
def test_other_content_is_never_hit(judge: Judge) -> None:
    first = (new(30, 2), request("a", [1, 23, 5, 6, 7]), step("a", 5))
    others = ([12, 3, 5, 6, 7], [23, 1, 5, 6, 7], [1, 23, 6, 5, 7], [5, 6, 1, 23, 7])
    others += ([1, 23 + (1 << 32), 5, 6, 7], [257, 23, 5, 6, 7], [1, 2, 35, 6, 7], [5, 6, 7])
    for tokens in others:
        judge.check(*whole(*first, request("b", tokens), lookup("h", "b")), against=Oracle)
    # Python's own hash takes 0 and 2**61 - 1 for one, and so it does tuples of them.
    zero = (new(30, 2), request("a", [0, 1, 2, 3, 4]), step("a", 5))
    prime = request("b", [(1 << 61) - 1, 1, 2, 3, 4])
    judge.check(*whole(*zero, prime, lookup("h", "b")), against=Oracle)
    for keys in ((), ("lora",), ("lora", "salt"), ("lorasalt",), ("salt", "lora"), ("salt",)):
        made = (new(30, 2), request("a", [1, 2, 3, 4, 5], "lora", "salt"), step("a", 5))
        other = request("b", [1, 2, 3, 4, 5], *keys)
        judge.check(*whole(*made, other, lookup("h", "b"), step("b", 1)), against=Oracle)


@rule("2.8")
def test_requests_that_compute_one_prefix_at_once_keep_their_own_blocks(judge: Judge) -> None:
    two = (new(7, 4), request("a", TEN), request("b", TEN), lookup("h", "a"), lookup("i", "b"))
    both = (*two, step("a", 9, "h"), step("b", 10, "i"), request("c", TEN))
    judge.check(*whole(*both, lookup("j", "c")), against=Oracle)
    judge.check(*whole(*both, free("a"), lookup("j", "c"), step("c", 2, "j")), against=Oracle)
    judge.check(
        *whole(*both, free("b"), lookup("j", "c"), free("a"), step("c", 1, "j")), against=Oracle
    )
    # The blocks of one are evicted, those of the other are still found.
    evicted = (request("d", list(range(50, 62))), step("d", 12), lookup("j", "c"))
    for gone in ("a", "b"):
        judge.check(*whole(*both, free(gone), *evicted), against=Oracle)
    turns = [step(name, count) for count in (3, 2, 5) for name in ("a", "b")]
    judge.check(*whole(*two, *turns, request("c", TEN), lookup("j", "c")), against=Oracle)
    chunk = (*two, step("a", 5), lookup("j", "b"), step("b", 3, "j"), step("a", 5), step("b", 3))
    judge.check(*whole(*chunk), against=Oracle)
    judge.check_all(programs(judge.new_seed(), 60, PREFIXES), against=Oracle)


@rule("2.11")
def test_the_last_holder_writes_in_place_and_a_copy_needs_a_block(judge: Judge) -> None:
    pair = (new(3, 4), request("a", SIX), step("a", 6), fork("b", "a"))
    both = (*pair, generate("a", 7, 8, 9), generate("b", 17, 18, 19))
    judge.check(*whole(*both, step("a", 1), free("b"), step("a", 2)), against=Oracle)
    judge.check(*whole(*both, step("b", 1), step("b", 3), free("a"), step("b", 1)), against=Oracle)
    tight = (new(4, 4), *both[1:])
    judge.check(*whole(*tight, step("a", 3), step("a", 2), step("b", 2)), against=Oracle)
    judge.check(*whole(*tight, truncate("a", 4), step("b", 1), fork("c", "b")), against=Oracle)
    three = (new(9, 4), *both[1:], fork("c", "a"), fork("d", "c"), generate("d", 27))
    ends = (step("d", 1), step("d", 3), truncate("b", 5), generate("b", 30), step("b", 1))
    judge.check(*whole(*three, *ends, step("c", 3), step("a", 3)), against=Oracle)
    judge.check_all(programs(judge.new_seed(), 60, FORKS), against=Oracle)


@rule("2.13")
def test_a_cached_block_is_never_written_into(judge: Judge) -> None:
    eight = (new(6, 4), request("a", TEN[:8]), step("a", 8), request("b", TEN))
    for kept in (5, 7, 4, 1):
        cut = (*eight, truncate("a", kept), generate("a", *range(50, 60)))
        judge.check(*whole(*cut, step("a", 1), lookup("h", "b"), step("a", 5)), against=Oracle)
        judge.check(*whole(*cut, step("a", 9), lookup("h", "b")), against=Oracle)
    shared = (*eight, lookup("h", "b"), step("b", 2, "h"), truncate("b", 6), generate("b", 50))
    judge.check(*whole(*shared, step("b", 1), truncate("a", 6), lookup("i", "a")), against=Oracle)
    tight = (new(3, 4), *eight[1:3], truncate("a", 6), generate("a", 50))
    judge.check(*whole(*tight, step("a", 1), truncate("a", 4)), against=Oracle)


@rule("2.15")
def test_the_tail_of_a_request_is_evicted_before_its_beginning(judge: Judge) -> None:
    three = (new(5, 4), request("a", [*TEN, 20, 21]), step("a", 12))
    probe = (request("c", [*TEN, 20, 21, 22]), lookup("h", "c"))
    for count in (4, 5, 9, 13):
        other = (request("b", list(range(50, 63))), step("b", count))
        judge.check(*whole(*three, free("a"), *other, *probe), against=Oracle)
        judge.check(*whole(*three, truncate("a", 4), *other, *probe), against=Oracle)
    pair = (new(6, 2), request("a", [1, 2, 3, 4]), step("a", 4), request("b", [5, 6, 7, 8]))
    taker = (request("d", [9] * 10), step("d", 3), step("d", 2), step("d", 1))
    last = (request("e", [1, 2, 3, 4, 5]), lookup("h", "e"), request("f", [5, 6, 7, 8, 9]))
    for first, second in (("a", "b"), ("b", "a")):
        freed = (*pair, step("b", 4), free(first), free(second), *taker)
        judge.check(*whole(*freed, *last, lookup("i", "f")), against=Oracle)


@rule("2.19")
def test_what_a_row_cannot_take_changes_nothing(judge: Judge) -> None:
    two = (rows(3, 4), add_row(0, 5, 2, 7), add_row(2, 3))
    refused = (append_row(0, 8, 9), append_row(3, 1), append_row(-1, 1), add_row(3, 1))
    refused += (add_row(-1, 1), add_row(0, 1, 2, 3, 4, 5), append_row(0, 2**31), add_row(2, -1))
    refused += (append_row(0, 9, -1), add_row(0, 2**40), clear_row(-1), clear_row(3))
    refused += (move_row(0, 3), move_row(-1, 0), move_row(0, -1), swap_row(0, -1), swap_row(3, 0))
    for op in refused:
        judge.check(*two, op, append_row(0, 9), append_row(2, 4), against=Oracle)
    judge.check(rows(0, 4), against=Oracle)
    judge.check(rows(4, 0), against=Oracle)


@rule("2.20")
def test_rows_survive_churn(judge: Judge) -> None:
    for seed in (*range(2 * FIXED), judge.new_seed()):
        judge.check(*row_program(seed, 70), against=Oracle)


@rule("2.21")
def test_thousands_of_mixed_operations_keep_every_invariant(judge: Judge) -> None:
    fixed = [random_program(size, 400, size, EVERYTHING) for size in (6, 10, 14)]
    fresh = random_program(judge.new_seed(), 800, 12, EVERYTHING)
    judge.check_all((*fixed, fresh), against=Oracle)
