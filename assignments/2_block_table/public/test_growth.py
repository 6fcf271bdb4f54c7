"""Group A, public: when a request takes blocks, and when it gets none."""

from __future__ import annotations

from stage2.language import free, generate, new, request, step, whole

from autograder.judge.rules import Judge, rule
from autograder.program.model import Op

BOUNDARIES = {1: (1, 2, 5), 3: (2, 3, 4, 7), 4: (3, 4, 5, 8, 9), 16: (15, 16, 17, 33)}
"""By block size: prompts that end before, at and behind the end of a block."""


def one_by_one(name: str, count: int) -> list[Op]:
    """Generate and compute so many tokens, one a step."""
    return [op for token in range(count) for op in (generate(name, 90 + token), step(name, 1))]


@rule("2.1")
def test_a_request_holds_exactly_the_blocks_of_its_computed_tokens(judge: Judge) -> None:
    for size, lengths in BOUNDARIES.items():
        for length in lengths:
            prompt = request("a", list(range(length)))
            judge.check(*whole(new(20, size), prompt, step("a", length), *one_by_one("a", 2)))
    judge.check(*whole(new(9, 4), request("a", [1, 2, 3]), step("a", 3), *one_by_one("a", 6)))
    chunks = [step("a", count) for count in (3, 1, 1, 7, 4, 2)]
    judge.check(*whole(new(9, 4), request("a", list(range(20))), *chunks))


@rule("2.2")
def test_a_step_that_does_not_fit_changes_nothing(judge: Judge) -> None:
    two = (new(4, 4), request("a", list(range(20))), request("b", list(range(50, 70))))
    judge.check(*whole(*two, step("a", 13), step("a", 12), step("b", 1)))
    judge.check(*whole(*two, step("a", 8), step("b", 5), step("b", 4), step("a", 1), step("a", 4)))
    judge.check(
        *whole(
            *two, step("a", 4), step("b", 3), step("b", 9), step("b", 1), free("a"), step("b", 8)
        )
    )
    judge.check(*whole(new(1, 2), request("a", [1]), step("a", 1)))
