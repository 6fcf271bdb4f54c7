"""The hidden rules of stage 6. They judge by the oracle, so any difference counts."""

from __future__ import annotations

from functools import partial

from stage6.generate import EVERYTHING, allocator_programs, programs, random_program
from stage6.language import (
    allocate,
    budget_blocks,
    contiguous,
    finish,
    free,
    largest,
    paged,
    replay,
    request_blocks,
    share,
    sojourn,
    token_bytes,
    tracker,
    wait,
)
from stage6.models import MODELS, lengths, shape
from stage6.oracle import Oracle
from stage6.simulated import FCFS, SHARED
from stage6.state import expect

from autograder.judge.rules import Judge, rule
from autograder.program.model import Program

UNEVEN = shape(3, 96, 6, "bfloat16", num_key_value_heads=2, sliding_window=10)


@rule("6.3")
def test_windows_latent_vectors_and_odd_shapes(judge: Judge) -> None:
    for config in MODELS.values():
        for dtype in ("auto", "fp8"):
            judge.check(token_bytes(config, dtype), against=Oracle)
        longest = 140_000 if config.get("sliding_window") else 5_000
        for tokens in (1, 4096, 4097, 4111, 4112, longest):
            judge.check(request_blocks(config, 16, tokens), against=Oracle)
    for tokens in range(0, 30):
        judge.check(request_blocks(UNEVEN, 4, tokens), against=Oracle)
    judge.check(token_bytes({**UNEVEN, "head_dim": None}), against=Oracle)
    judge.check(token_bytes({**UNEVEN, "num_key_value_heads": None}), against=Oracle)
    judge.check(token_bytes({"torch_dtype": "float16", "hidden_size": 8}), against=Oracle)
    judge.check(request_blocks(UNEVEN, 0, 5), against=Oracle)
    judge.check(request_blocks(UNEVEN, 4, -1), against=Oracle)
    for budget in (0, 8 << 30, (12 << 30) + 12_345, 80 * 10**9):
        judge.check(budget_blocks(MODELS["Qwen/Qwen3-4B"], 16, budget), against=Oracle)
        latent = MODELS["deepseek-ai/DeepSeek-V3"]
        judge.check(budget_blocks(latent, 64, budget), against=Oracle)


@rule("6.6")
def test_regions_and_holes_fill_the_memory_through_long_use(judge: Judge) -> None:
    for kind in ("first_fit", "buddy"):
        judge.check_all(allocator_programs(judge.new_seed(), 70, kind), against=Oracle)


@rule("6.9")
def test_one_trace_on_five_memories(judge: Judge) -> None:
    seeds = (1, 2, judge.new_seed())
    for seed in seeds:
        trace = lengths(seed, 40, 12.0, 24.0, 64)
        for policy, placement in (
            *(("max", "buddy"), ("pow2", "buddy"), ("oracle", "buddy")),
            *(("pow2", "first_fit"), ("oracle", "first_fit")),
        ):
            memory = contiguous(placement, policy, 300, 64)
            judge.check(replay(memory, trace, 8), against=Oracle)
        judge.check(replay(paged(75, 4), trace, 8), against=Oracle)
        judge.check(replay(paged(16, 4), trace), against=Oracle)


@rule("6.13")
def test_long_mixed_events_keep_every_sum_true(judge: Judge) -> None:
    judge.check_all(programs(judge.new_seed(), 120, 9, EVERYTHING), against=Oracle)
    judge.check(*random_program(1, 200, 25, EVERYTHING), against=Oracle)


@rule("6.15")
def test_a_leak_is_over_when_the_block_is_given_back_at_last(judge: Judge) -> None:
    oracle = partial(Oracle, "usage", "leaks")
    leaky: Program = (
        *(tracker(9, 4), allocate(0.0, "a", 1, 2), share(0.5, "b", 1, 2), finish(1.0, "a")),
    )
    judge.check(*leaky, free(2.0, "a", 1), free(3.0, "a", 2), finish(4.0, "b"), against=oracle)
    judge.check(*leaky, free(2.0, "b", 1, 2), finish(2.0, "b"), finish(2.0, "a"), against=oracle)
    clean = (free(2.0, "b", 1, 2), finish(2.0, "b"), finish(2.5, "b"), allocate(3.0, "b", 3))
    judge.check(*leaky, *clean, finish(4.0, "b"), against=oracle)
    again = (free(2.0, "a", 1, 2), allocate(3.0, "a", 3), finish(4.0, "c"), free(5.0, "b", 1))
    judge.check(*leaky, *again, against=oracle)
    judge.check(*leaky, *again, finish(6.0, "a"), free(7.0, "a", 3), against=oracle)


@rule("6.19")
def test_predictions_agree_with_simulated_queues(judge: Judge) -> None:
    for case in FCFS:
        expect(judge, wait(case.rate, case.services), case.seconds, "I14", case.tolerance)
    for one in SHARED:
        asked = sojourn(one.rate, one.output, one.fixed, one.each, one.batch)
        expect(judge, asked, one.seconds, "I14", one.tolerance)
        judge.check(asked, against=Oracle)
    judge.check(sojourn(50.0, 10.0, 10.0, 0.001), against=Oracle)  # ten thousand in one batch


@rule("6.20")
def test_the_largest_rate_keeps_the_promise_and_hardly_more_would(judge: Judge) -> None:
    for batch in (None, 1, 4, 32):
        for slo in (0.5, 4.0, 5.0, 8.0, 20.0):
            judge.check(largest(200.0, 0.0197, 0.0006, batch, slo), against=Oracle)
    judge.check(largest(10.0, 0.0, 0.5, None, 20.0), against=Oracle)
    judge.check(largest(0.0, 1.0, 1.0, 1, 1.0), against=Oracle)
