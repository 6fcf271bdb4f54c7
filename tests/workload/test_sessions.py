"""Shared prefixes: what sessions make, and what a prefix cache gets out of it."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from workload.generate import generate
from workload.model import Model
from workload.named import named
from workload.prefix import depths, hit_rate, links
from workload.trace import Trace


def trace_of(*prompts: tuple[int, ...]) -> Trace:
    count = len(prompts)
    lengths = np.array([len(prompt) * 4 for prompt in prompts])
    return Trace(
        "t", np.arange(count, dtype=np.float64), lengths, np.ones(count, np.int64), prompts, 4
    )


def sessions_of(model: Model, **changes: object) -> Model:
    assert model.sessions is not None
    return replace(model, sessions=replace(model.sessions, **changes))  # type: ignore[arg-type]


def test_hits_are_blocks_of_the_longest_cached_prefix() -> None:
    trace = trace_of((1, 2, 3), (1, 2, 9), (7, 2, 3), (1, 2, 3, 4))
    assert hit_rate(trace) == (0 + 2 + 0 + 3) / 13


def test_the_cache_evicts_the_least_recently_used_and_of_a_prompt_the_tail() -> None:
    trace = trace_of((1, 2), (3,), (1, 2))
    assert hit_rate(trace, 3) == 2 / 5
    assert hit_rate(trace, 2) == 1 / 5
    assert hit_rate(trace, 1) == 0
    assert hit_rate(trace_of((1, 2, 3), (1, 2, 3)), 2) == 2 / 6


def brute_force(trace: Trace, size: int) -> float:
    """One list, oldest first: slow and obvious."""
    cache: list[int] = []
    hits = 0
    for prompt in trace.blocks:
        for block in prompt:
            if block not in cache:
                break
            hits += 1
        for block in reversed(prompt):
            cache = [other for other in cache if other != block] + [block]
        cache = cache[-size:]
    return hits / sum(map(len, trace.blocks))


def test_hit_rates_are_those_of_a_slow_and_obvious_cache() -> None:
    rng = random.Random(3)
    prompts = [tuple(range(rng.randrange(1, 9))) for _ in range(40)]
    shifted = [tuple(b + rng.choice([0, 100, 200]) for b in prompt) for prompt in prompts]
    for size in (1, 3, 8, 20):
        trace = trace_of(*prompts, *shifted)
        assert hit_rate(trace, size) == brute_force(trace, size)


def test_links_go_to_the_latest_request_that_shares_most() -> None:
    trace = trace_of((0, 1), (0, 2), (0, 1, 3), (0, 1, 4), (0, 2, 5))
    found = [(link.index, link.before, link.shared) for link in links(trace, 1)]
    assert found == [(2, 0, 2), (3, 2, 2), (4, 1, 2)]
    assert depths(trace, links(trace, 1)) == [1, 1, 2, 3, 2]


@pytest.mark.parametrize("name", ["chat-sessions", "shared-prefix-agents"])
def test_every_prompt_has_its_blocks_and_begins_with_a_system_prompt(name: str) -> None:
    model = named(name)
    assert model.sessions is not None
    trace = generate(model, 2000, seed=2)
    size = trace.block_tokens
    roots = {prompt[0] for prompt in trace.blocks}
    assert len(roots) <= len(model.sessions.roots)
    for request in trace.requests():
        assert len(request.blocks) == -(-request.prompt_tokens // size)
        assert len(set(request.blocks)) == len(request.blocks)
        assert request.prompt_tokens <= model.sessions.longest


def test_a_block_stands_for_one_prefix_only() -> None:
    before: dict[int, int] = {}
    for prompt in generate(named("chat-sessions"), 3000, seed=4).blocks:
        for earlier, block in zip((-1, *prompt), prompt, strict=False):
            assert before.setdefault(block, earlier) == earlier


def test_a_turn_carries_the_whole_blocks_of_the_turn_before() -> None:
    model = sessions_of(named("chat-sessions"), branches=0.0, goes_on=(1.0,))
    trace = generate(model, 1000, seed=1)
    found = links(trace, 1)
    whole = trace.prompt_tokens // trace.block_tokens
    assert len(found) > 300
    assert all(link.shared >= whole[link.before] for link in found)
    grown = [trace.prompt_tokens[link.index] - trace.prompt_tokens[link.before] for link in found]
    replies = [trace.output_tokens[link.before] for link in found]
    assert all(more > reply for more, reply in zip(grown, replies, strict=True))


def test_without_turns_only_the_system_prompt_is_shared() -> None:
    trace = generate(sessions_of(named("chat-sessions"), goes_on=(0.0,)), 500)
    assert links(trace, 1) == [] and len(links(trace, 0)) == 499
    bare = sessions_of(named("chat-sessions"), goes_on=(0.0,), roots=(0,))
    assert hit_rate(generate(bare, 500)) == 0
