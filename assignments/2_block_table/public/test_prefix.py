"""Group B, public: prefixes that are found and shared."""

from __future__ import annotations

from stage2.language import free, generate, lookup, new, request, step, whole

from autograder.judge.rules import Judge, rule

TEN = list(range(10, 20))


@rule("2.4")
def test_a_lookup_finds_the_longest_cached_prefix(judge: Judge) -> None:
    first = (new(12, 4), request("a", TEN), lookup("h", "a"), step("a", 10), lookup("i", "a"))
    judge.check(*whole(*first, request("b", [*TEN[:8], 1, 2]), lookup("j", "b")))
    judge.check(*whole(*first, request("b", [*TEN[:5], 0, *TEN[6:]]), lookup("j", "b")))
    judge.check(*whole(*first, request("b", [0, *TEN[1:]]), lookup("j", "b")))
    judge.check(*whole(*first, request("b", TEN[4:]), lookup("j", "b")))
    judge.check(
        *whole(*first, request("b", TEN * 2), lookup("j", "b"), free("a"), lookup("k", "b"))
    )
    half = (new(12, 4), request("a", TEN), step("a", 3), request("b", TEN), lookup("h", "b"))
    judge.check(*whole(*half, step("a", 4), lookup("i", "b"), step("a", 1), lookup("j", "b")))
    grown = [op for token in TEN[3:] for op in (generate("a", token), step("a", 1))]
    made = (new(12, 4), request("a", TEN[:3]), step("a", 3), *grown)
    judge.check(*whole(*made, request("b", TEN), lookup("h", "b")))
    off = new(12, 4, caching=False)
    judge.check(*whole(off, request("a", TEN), step("a", 10), request("b", TEN), lookup("h", "b")))


@rule("2.5")
def test_at_least_one_token_is_left_to_compute(judge: Judge) -> None:
    for size, lengths in ((4, (4, 5, 8, 9)), (1, (1, 2, 3)), (3, (3, 6))):
        for length in lengths:
            tokens = list(range(length))
            first = (new(12, size), request("a", tokens), step("a", length))
            judge.check(*whole(*first, request("b", tokens), lookup("h", "b")))


@rule("2.6")
def test_a_hit_shares_blocks_and_counts_the_free_ones(judge: Judge) -> None:
    first = (request("a", TEN), step("a", 10), request("b", [*TEN[:9], 1, 2, 3, 4]))
    judge.check(*whole(new(9, 4), *first, lookup("h", "b"), step("b", 5, "h"), free("a")))
    judge.check(*whole(new(9, 4), *first, free("a"), lookup("h", "b"), step("b", 2, "h")))
    # Three blocks are free, two of them will be hit: one is left for new tokens.
    full = (new(4, 4), *first, free("a"), lookup("h", "b"))
    judge.check(*whole(*full, step("b", 5, "h"), step("b", 4, "h"), step("b", 1)))
    judge.check(*whole(new(5, 4), *first, free("a"), lookup("h", "b"), step("b", 5, "h")))
    # Nobody has to free a block that is hit while it is held.
    judge.check(*whole(new(5, 4), *first, lookup("h", "b"), step("b", 4, "h"), step("b", 1)))
