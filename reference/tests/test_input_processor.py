"""Stage 7: what is let in."""

from __future__ import annotations

import pytest

from pagedlab.input_processor import InputProcessor
from pagedlab.request import Request
from pagedlab.sampling_params import SamplingParams


def process(prompt: list[int], max_tokens: int = 4, stop: tuple[int, ...] = ()) -> Request:
    processor = InputProcessor(vocab_size=10, max_model_len=8, num_slots=12)
    params = SamplingParams(max_tokens=max_tokens, stop_token_ids=frozenset(stop))
    return processor.process_inputs("a", prompt, params)


def test_a_request_is_made_as_it_was_asked_for() -> None:
    prompt = [3, 0, 9]
    made = process(prompt, 2, stop=(5,))
    prompt.append(1)
    assert (made.request_id, made.token_ids, made.max_tokens) == ("a", [3, 0, 9], 2)
    assert made.stop_token_ids == frozenset({5})


def test_a_request_ends_where_the_models_positions_end() -> None:
    assert process([1, 2, 3], 99).max_tokens == 5
    assert process([1] * 7, 99).max_tokens == 1


@pytest.mark.parametrize("prompt", [[], [10], [-1], [1] * 8, [1] * 20])
def test_a_prompt_that_is_none_is_refused(prompt: list[int]) -> None:
    with pytest.raises(ValueError):
        process(prompt)


def test_the_last_token_needs_no_slot() -> None:
    processor = InputProcessor(vocab_size=10, max_model_len=99, num_slots=8)
    assert processor.process_inputs("a", [1] * 5, SamplingParams(max_tokens=4)).max_tokens == 4
    with pytest.raises(ValueError):
        processor.process_inputs("a", [1] * 5, SamplingParams(max_tokens=5))
