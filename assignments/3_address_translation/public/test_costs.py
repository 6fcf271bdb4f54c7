"""Performance: what it costs to translate a batch of 256 requests, to write it and to read it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from stage3.operations import clock

from autograder.judge.rules import Judge, rule

REQUESTS, COLUMNS, BLOCK_SIZE, VECTOR, STORED, MIX = 256, 256, 16, 64, 16, 40_487
"""As in the meter: the judge works out by itself what the batch must give."""
STOPPED = "stopped after {:,} steps of Python in one batch: it works token by token"


def slots_of(size: int) -> list[int]:
    """The slots of all tokens of the batch of one size."""
    each = size // REQUESTS
    columns = COLUMNS
    slots = []
    for request in range(REQUESTS):
        begin = request * 5 % 113
        for position in range(begin, begin + each):
            block, offset = divmod(position, BLOCK_SIZE)
            physical = (request * columns + block) * MIX % (REQUESTS * columns)
            slots.append(physical * BLOCK_SIZE + offset)
    return slots


def stored(size: int, first: int) -> list[int]:
    """The K (from 0) or V (from 500) of the tokens that are written and read; padding is 0."""
    tokens = range(size // STORED)
    return [
        0 if token % STORED == 5 else token % 1009 + place + first
        for token in tokens
        for place in range(VECTOR)
    ]


@cache
def expected(case: str, size: int) -> list[tuple[int, list[int]]]:
    """Sum and samples of each tensor that a case brings."""
    tensors = [slots_of(size)] if case == "translate" else [stored(size, 0), stored(size, 500)]
    return [(sum(numbers), numbers[:: len(numbers) // 97]) for numbers in tensors]


def verify(judge: Judge) -> Callable[[str, Any], str]:
    """What says what is wrong with outputs, at one of the stage's sizes."""
    sizes = judge.session.stage.sizes

    def wrong(case: str, outputs: Any) -> str:
        name = case.partition("_")[0]
        if "stopped" in outputs:
            return STOPPED.format(outputs["stopped"])
        dtype = "torch.int64" if name == "translate" else "torch.float16"
        if set(outputs["dtypes"]) != {dtype}:
            return f"{' and '.join(outputs['dtypes'])}, not {dtype}"
        seen = list(zip(outputs["sums"], outputs["samples"], strict=True))
        right = [expected(name, size) for size in (sizes.large, sizes.small)]
        if seen not in right:
            return "wrong slots" if name == "translate" else "K and V are not those written"
        if name == "store" and outputs["cache"] != sum(total for total, _ in seen):
            return "the cache holds something else than what was written"
        return ""

    return wrong


def time_of(judge: Judge, tokens: int) -> str:
    """What the worker's clock says of a batch of 256 requests. A claim that decides nothing."""
    seen = judge.look(clock(REQUESTS, tokens))
    seconds = seen[0].result if seen else None
    if not isinstance(seconds, float):
        return "no time that could be measured"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} us"


def amount(judge: Judge) -> None:
    """Measure the rule's case, and say what was counted, whatever it earns."""
    judge.measure((judge.rule.case,), verify(judge))
    judge.note(f"{judge.measured['amount']:,g} {judge.rule.unit}")


@rule("3.P1")
def test_translating_a_batch_takes_no_step_per_token(judge: Judge) -> None:
    judge.measure(("translate",), verify(judge))
    prefill, decode = (time_of(judge, tokens) for tokens in (4096, 1))
    judge.note(
        f"256 requests x 4,096 tokens are translated in {prefill}, a decode step of 256 x 1 in"
        f" {decode}, on one CPU core here; the course's claim is < 50 us a batch. Not graded."
    )


@rule("3.P2")
def test_translating_a_batch_takes_a_few_kernels(judge: Judge) -> None:
    amount(judge)


@rule("3.P3")
def test_translating_a_batch_moves_few_bytes_a_token(judge: Judge) -> None:
    amount(judge)


@rule("3.P4")
def test_writing_and_reading_take_a_few_kernels(judge: Judge) -> None:
    amount(judge)


@rule("3.P5")
def test_writing_and_reading_move_their_own_bytes(judge: Judge) -> None:
    amount(judge)
