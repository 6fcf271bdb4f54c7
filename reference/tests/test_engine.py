"""Stage 7: an engine that serves the tiny model."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import Any

import pytest
import torch

from language_model.generate import generate
from language_model.tiny import tiny_model
from pagedlab.engine import LLMEngine
from pagedlab.engine_config import EngineConfig
from pagedlab.outputs import RequestOutput
from pagedlab.request import Request
from pagedlab.sampling_params import SamplingParams

MODEL = tiny_model()


def engine(blocks: int = 41, tokens: int = 16, seqs: int = 3, **more: Any) -> LLMEngine:
    limits: dict[str, Any] = {"max_num_batched_tokens": tokens, "max_num_seqs": seqs, **more}
    made = LLMEngine(MODEL, EngineConfig(block_size=4, num_blocks=blocks, **limits))
    made.model_runner.kv_cache.fill_(torch.nan)
    return made


def asks(number: int = 0, most: int = 5, **more: Any) -> SamplingParams:
    return SamplingParams(max_tokens=most, temperature=0.8, seed=4, request=number, **more)


def run(served: LLMEngine) -> list[RequestOutput]:
    outputs: list[RequestOutput] = []
    for _ in range(400):
        if not served.has_unfinished_requests():
            return outputs
        outputs += served.step()
    raise AssertionError("it never ends")


def said(outputs: list[RequestOutput], name: str) -> list[int]:
    return [token for one in outputs if one.request_id == name for token in one.new_token_ids]


def alone(prompt: list[int], number: int, most: int) -> list[int]:
    return list(_alone(tuple(prompt), number)[:most])


@cache
def _alone(prompt: tuple[int, ...], number: int) -> list[int]:
    tokens = generate(MODEL, list(prompt), temperature=0.8, seed=4, request=number)
    return list(islice(tokens, 5))


PROMPTS = {"a": [5, 6, 7, 8, 9, 10, 11], "b": [1, 2, 3, 4, 5, 6], "c": list(range(20, 30))}


@pytest.mark.parametrize(
    "settings",
    [
        {"tokens": 5, "seqs": 4},
        {"blocks": 6},
        {"blocks": 6, "num_host_blocks": 12, "preemption_mode": "swap"},
    ],
)
def test_everybody_gets_what_the_model_says_alone(settings: dict[str, Any]) -> None:
    served = engine(**settings)
    outputs: list[RequestOutput] = []
    for number, (name, prompt) in enumerate(PROMPTS.items()):
        served.add_request(name, prompt, asks(number))
        outputs += served.step()
    outputs += run(served)
    for number, (name, prompt) in enumerate(PROMPTS.items()):
        assert said(outputs, name) == alone(prompt, number, 5)
    stats = served.stats()
    assert stats.num_free_blocks == stats.num_blocks == settings.get("blocks", 41) - 1
    assert stats.num_free_host_blocks == stats.num_host_blocks
    assert stats.num_generated_tokens == 15
    told = [max(o.num_preemptions for o in outputs if o.request_id == name) for name in PROMPTS]
    assert sum(told) == stats.num_preemptions
    if "blocks" in settings:
        assert stats.num_preemptions > 0


def test_swapping_computes_nothing_twice() -> None:
    served = engine(6, num_host_blocks=12, preemption_mode="swap", enable_prefix_caching=False)
    for number, prompt in enumerate(PROMPTS.values()):
        served.add_request(f"r{number}", prompt, asks(number))
    run(served)
    stats = served.stats()
    assert stats.num_computed_tokens == sum(len(prompt) + 4 for prompt in PROMPTS.values())
    assert stats.prefix_cache_queries == sum(map(len, PROMPTS.values()))
    assert stats.prefix_cache_hits == 0


def test_a_token_comes_out_in_the_step_that_made_it_and_once() -> None:
    served = engine(tokens=4)
    assert served.step() == []
    served.add_request("a", [1, 2, 3, 4, 5, 6], asks(most=3))
    steps = [served.step() for _ in range(4)]
    assert [len(one) for one in steps] == [0, 1, 1, 1]
    last = steps[-1][0]
    assert (last.finished, last.finish_reason, last.num_prompt_tokens) == (True, "length", 6)
    assert [one[0].finished for one in steps[1:3]] == [False, False]
    assert not served.has_unfinished_requests()
    stats = served.stats()
    assert (stats.num_steps, stats.num_computed_tokens, stats.num_generated_tokens) == (4, 8, 3)


def test_a_stop_token_ends_a_request() -> None:
    tokens = alone([5, 6], 0, 5)
    served = engine()
    served.add_request("a", [5, 6], asks(stop_token_ids=frozenset({tokens[2]})))
    outputs = run(served)
    expected = tokens[: tokens.index(tokens[2]) + 1]
    assert said(outputs, "a") == expected
    assert outputs[-1].finish_reason == "stop"


def test_a_cached_prefix_is_not_computed_again() -> None:
    served = engine()
    prompt = list(range(1, 11))
    served.add_request("a", prompt, asks(0, 2))
    run(served)
    before = served.stats()
    served.add_request("b", prompt, asks(1, 2))
    outputs = run(served)
    assert said(outputs, "b") == alone(prompt, 1, 2)
    assert outputs[0].num_cached_tokens == 8
    stats = served.stats()
    assert stats.prefix_cache_hits == 8
    assert stats.num_computed_tokens - before.num_computed_tokens == 3


def test_an_abort_gives_back_at_once_and_says_so() -> None:
    served = engine()
    served.add_request("a", [1, 2, 3, 4, 5], asks())
    served.add_request("b", [1, 2], asks())
    served.step()
    held = len(served.get_block_ids("a"))
    free = served.stats().num_free_blocks
    last = served.abort_request("a")
    assert last is not None
    assert (last.finished, last.finish_reason, last.new_token_ids) == (True, "abort", ())
    assert served.stats().num_free_blocks == free + held
    assert held == 2
    assert served.get_block_ids("a") == []
    assert served.abort_request("a") is None
    assert served.abort_request("nobody") is None
    assert {output.request_id for output in run(served)} == {"b"}


def test_what_cannot_be_served_changes_nothing() -> None:
    served = engine(7, max_model_len=30)
    served.add_request("a", [1, 2], asks())
    before = served.stats()
    for name, prompt, most in (
        ("a", [1], 1),
        ("b", [], 1),
        ("b", [64], 1),
        ("b", [1] * 30, 1),
        ("b", [1] * 20, 6),
    ):
        with pytest.raises(ValueError):
            served.add_request(name, prompt, asks(0, most))
    assert served.stats() == before
    served.add_request("b", [1] * 20, asks(0, 5))
    outputs = run(served)
    assert len(said(outputs, "b")) == 5


def test_a_request_ends_where_the_models_positions_end() -> None:
    served = engine(max_model_len=8)
    served.add_request("a", [1, 2, 3, 4, 5], asks(0, 99))
    outputs = run(served)
    assert len(said(outputs, "a")) == 3
    assert outputs[-1].finish_reason == "length"


def test_a_fork_goes_on_with_parameters_of_its_own() -> None:
    served = engine()
    served.add_request("a", [1, 2, 3, 4, 5, 6], asks(0, 5))
    with pytest.raises(ValueError):
        served.fork_request("a", "b", asks(1))
    first = said(served.step(), "a")
    served.fork_request("a", "b", asks(1))
    outputs = run(served)
    assert said(outputs, "b") == alone([1, 2, 3, 4, 5, 6, *first], 1, 4)
    assert first + said(outputs, "a") == alone([1, 2, 3, 4, 5, 6], 0, 5)


def test_the_urgent_come_first() -> None:
    served = engine(seqs=1, policy="priority")
    served.add_request("a", [1], asks(most=1), priority=5)
    served.add_request("b", [2], asks(most=1), priority=1, deadline=3.0, client="x")
    assert [one.request_id for one in run(served)] == ["b", "a"]


def test_numbers_show_who_runs_and_what_is_free() -> None:
    served = engine(9, seqs=1)
    served.add_request("a", [1, 2, 3, 4, 5], asks())
    served.add_request("b", [1], asks())
    served.step()
    stats = served.stats()
    assert (stats.num_running_reqs, stats.num_waiting_reqs) == (1, 1)
    assert (stats.num_blocks, stats.num_free_blocks, stats.num_used_blocks) == (8, 6, 2)


def test_caching_is_as_configured() -> None:
    for caching in (True, False):
        served = engine(enable_prefix_caching=caching)
        served.add_request("a", [1] * 9, asks(most=1))
        run(served)
        found = served.kv_cache_manager.get_computed_blocks(Request("b", [1] * 9))[1]
        assert found == 8 * caching
