"""Group C, public: where the slots go."""

from __future__ import annotations

from stage6.language import (
    admit,
    append,
    contiguous,
    paged,
    release,
    reserved,
    split,
    use,
)
from stage6.state import expect
from stage6.values import said

from autograder.judge.rules import Judge, rule


@rule("6.7")
def test_every_slot_is_used_reserved_wasted_or_free(judge: Judge) -> None:
    expect(judge, reserved("max", 5, 3, 16), 16, "I6")
    expect(judge, reserved("oracle", 5, 3, 16), 8, "I6")
    expect(judge, reserved("pow2", 5, 25, 64), 37, "I6")
    expect(judge, reserved("pow2", 5, 8, 64), 13, "I6")
    expect(judge, reserved("pow2", 5, 9, 16), 16, "I6")
    expect(judge, reserved("pow2", 5, 0, 16), 5, "I6")
    judge.check(reserved("oracle", 10, 7, 16))
    expect(judge, split(16, 5, 9), [5, 4, 7, 0, 0], "I6")
    expect(judge, split(8, 5, 9), [5, 3, 0, 0, 0], "I6")
    expect(judge, split(8, 8, 8), [8, 0, 0, 0, 0], "I6")
    start = (contiguous("row", "max", 20, 8), admit("a", 3, 2), admit("b", 4, 1))
    judge.check(*start, append("a"), append("b"), append("a"), use(2, 2), admit("c", 2, 2))
    judge.check(*start, admit("d", 8, 1), append("c"), admit("a", 1, 1), release("c"))
    exact = (contiguous("row", "oracle", 20, 8), admit("a", 1, 1))
    judge.check(*exact, append("a"), append("a"))
    _waits(judge, "max", (1, 1), [7, 3, 6, 4, 0])
    _waits(judge, "oracle", (2, 2), [7, 3, 0, 0, 10])
    _waits(judge, "oracle", (8, 2), [7, 3, 0, 0, 10], longest=10)
    _waits(judge, "oracle", (8, 3), [7, 3, 0, 10, 0], longest=11)


def _waits(
    judge: Judge, policy: str, next_one: tuple[int, int], wanted: list[int], longest: int = 8
) -> None:
    """Two requests of 5 tokens each run in 20 slots, and one of the lengths `next_one` waits."""
    program = (contiguous("row", policy, 20, longest), admit("a", 3, 2), admit("b", 4, 1))
    asked = (*program, use(*next_one))
    shown = judge.check(*asked)[-1].result
    if shown != wanted:
        judge.fail(asked, len(asked) - 1, "I6", said([*wanted]), said(shown))


@rule("6.8")
def test_a_paged_memory_takes_a_block_when_the_last_is_full(judge: Judge) -> None:
    judge.check(paged(4, 4), admit("a", 3, 7), *(append("a") for _ in range(7)), release("a"))
    judge.check(paged(3, 4), admit("a", 4, 4), admit("b", 5, 1), append("a"), append("b"))
    judge.check(paged(3, 4), admit("a", 8, 4), admit("b", 5, 1), admit("b", 4, 1), append("a"))
    judge.check(paged(2, 4), admit("a", 4, 9), append("a"), append("b"), admit("a", 1, 1))
    judge.check(paged(2, 1), admit("a", 1, 1), append("a"), append("a"), use(3, 3), release("b"))
    judge.check(paged(4, 4), admit("a", 4, 0), use(20, 5), release("a"), use(20, 5))
    judge.check(paged(0, 4))
    judge.check(paged(4, 0))
