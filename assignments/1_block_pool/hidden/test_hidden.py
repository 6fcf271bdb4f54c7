"""The hidden rules of stage 1. They judge by the oracle, so any difference counts."""

from __future__ import annotations

from stage1.generate import CACHING, EVERYTHING, EVICTION, MISUSE, SHARING, programs, random_program
from stage1.language import cache, free, get, hash_tokens, lookup, new, reset, touch, usage
from stage1.oracle import Oracle

from autograder.judge.rules import Judge, rule
from autograder.program.model import Program


@rule("1.5")
def test_the_null_block_stays_out_of_everything(judge: Judge) -> None:
    judge.check(new(3), touch("null"), free("null"), usage(), get("a", 2), against=Oracle)
    judge.check(new(3), cache("null", "h1"), against=Oracle)
    judge.check(new(3), get("a", 2), free("a[0]", "null", "a[1]"), get("b", 2), against=Oracle)
    judge.check(new(3), get("a", 1), usage(), get("b", 1), usage(), against=Oracle)


@rule("1.7")
def test_sharing_survives_long_mixed_use(judge: Judge) -> None:
    judge.check_all(programs(judge.new_seed(), 80, 9, SHARING), against=Oracle)


@rule("1.9")
def test_every_other_misuse_raises_and_changes_nothing(judge: Judge) -> None:
    held = (new(4), get("a", 2))
    judge.check(*held, free("stranger"), against=Oracle)
    judge.check(*held, free("a[0]", "stranger"), against=Oracle)
    judge.check(*held, touch("a[0]", "stranger"), against=Oracle)
    judge.check(*held, touch("a[0]"), free("a[0]", "a[0]", "a[0]"), against=Oracle)
    judge.check(*held, get("b", -1), against=Oracle)
    judge.check(*held, cache("stranger", "h1"), against=Oracle)
    judge.check(*held, free("a[0]"), cache("a[0]", "h1"), against=Oracle)
    judge.check(*held, cache("a[0]", "h1"), cache("a[0]", "h2"), against=Oracle)
    judge.check_all(programs(judge.new_seed(), 60, 9, MISUSE), against=Oracle)


@rule("1.12")
def test_blocks_with_the_same_hash_live_side_by_side(judge: Judge) -> None:
    twins = (new(4), get("a", 2), cache("a[0]", "h1"), cache("a[1]", "h1"))
    judge.check(*twins, free("a[0]"), get("b", 2), lookup("x", "h1"), against=Oracle)
    judge.check(*twins, free("a[1]"), get("b", 2), lookup("x", "h1"), against=Oracle)
    judge.check(*twins, free("a[1]", "a[0]"), get("b", 3), lookup("x", "h1"), against=Oracle)
    judge.check_all(programs(judge.new_seed(), 80, 9, CACHING), against=Oracle)


@rule("1.14")
def test_the_prefix_cache_is_reset_only_when_no_block_is_in_use(judge: Judge) -> None:
    cached = (new(4), get("a", 2), cache("a[0]", "h1"))
    judge.check(*cached, reset(), lookup("x", "h1"), against=Oracle)
    judge.check(*cached, free("a[0]"), reset(), lookup("x", "h1"), against=Oracle)
    freed = (*cached, free("a[1]", "a[0]"), reset(), lookup("x", "h1"))
    judge.check(*freed, get("b", 3), cache("b[0]", "h1"), lookup("y", "h1"), against=Oracle)
    judge.check(new(3), reset(), against=Oracle)


@rule("1.16")
def test_the_least_recently_freed_cached_block_is_evicted_first(judge: Judge) -> None:
    three = (new(4), get("a", 3), cache("a[0]", "h0"), cache("a[1]", "h1"), cache("a[2]", "h2"))
    judge.check(*three, free("a[2]", "a[0]", "a[1]"), get("b", 1), get("c", 1), against=Oracle)
    judge.check(*three, free("a[1]"), free("a[0]", "a[2]"), get("b", 2), against=Oracle)
    revived = (*three, free("a[0]", "a[1]", "a[2]"), lookup("x", "h0"), touch("x[0]"), free("x[0]"))
    judge.check(*revived, get("b", 1), get("c", 1), against=Oracle)
    judge.check_all(programs(judge.new_seed(), 80, 9, EVICTION), against=Oracle)


@rule("1.18")
def test_different_content_never_shares_a_hash(judge: Judge) -> None:
    program: Program = (
        hash_tokens("h0", "", [1, 23]),
        hash_tokens("h1", "", [12, 3]),
        hash_tokens("h2", "", [1, 2, 3]),
        hash_tokens("h3", "", [0x0201, 3]),
        hash_tokens("h4", "", [1]),
        hash_tokens("h5", "", [257]),
        hash_tokens("h6", "", [1, 0]),
        hash_tokens("h7", "", [1 << 62]),
        hash_tokens("h8", "", [1], "lora"),
        hash_tokens("h9", "", [1], "ab", "c"),
        hash_tokens("h10", "", [1], "a", "bc"),
        hash_tokens("h11", "", [1], "salt"),
        hash_tokens("h12", "h4", [1]),
        hash_tokens("h13", "h8", [1]),
        hash_tokens("h14", "", [1 + (1 << 32)]),
        hash_tokens("h15", "", [0]),
        hash_tokens("h16", "", [(1 << 61) - 1]),
    )
    digests = [seen.result for seen in judge.check(*program)]
    for second, digest in enumerate(digests):
        first = digests.index(digest)
        if first != second:
            judge.fail(program, second, "I12", f"h{second} != h{first}", f"h{second} == h{first}")


@rule("1.20")
def test_two_thousand_mixed_operations_keep_every_invariant(judge: Judge) -> None:
    fixed = [random_program(size, 500, size, EVERYTHING) for size in (5, 7, 13)]
    fresh = random_program(judge.new_seed(), 500, 9, EVERYTHING)
    judge.check_all((*fixed, fresh), against=Oracle)
