"""The reference's engine says what the plain loop says, whatever its limits."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import Any

import pytest

from language_model.generate import generate
from language_model.shared import shipped_model
from tests.stages.engine.bench import REFERENCE, part, running

TOKENS = 128
SETTINGS: dict[str, dict[str, Any]] = {
    "plenty of room": {"blocks": 160, "tokens": 96, "seqs": 8},
    "small chunks, three at a time": {"blocks": 60, "tokens": 24, "seqs": 3},
    "victims computed again": {"blocks": 48, "tokens": 64, "seqs": 8},
    "victims on the host": {"blocks": 48, "tokens": 64, "seqs": 8, "num_host_blocks": 80},
}


@cache
def alone(number: int) -> list[int]:
    """What the shipped model says to one of the eight prompts."""
    prompt = prompt_of(number)
    tokens = generate(shipped_model(), prompt, temperature=0.8, seed=7, request=number)
    return list(islice(tokens, TOKENS))


def prompt_of(number: int) -> list[int]:
    prompt: list[int] = part("operations").own_prompt(f"p{number}", 9 + 6 * number, 1024)
    return prompt


@pytest.mark.parametrize("name", SETTINGS)
def test_eight_requests_of_128_tokens_get_what_the_plain_loop_says(name: str) -> None:
    language = part("operations")
    order = [3, 0, 7, 1, 6, 2, 5, 4]
    requests = [
        language.add(f"r{number}", prompt_of(number), TOKENS, temperature=0.8, request=number)
        for number in order
    ]
    settings = {"model": "shipped", "block_size": 16, **SETTINGS[name]}
    with running(REFERENCE) as observe:
        seen = observe((language.engine(**settings), *requests, language.run()))
    said: dict[str, list[int]] = {}
    for step in seen[-1].result:  # type: ignore[union-attr]
        for output in step["outputs"]:  # type: ignore[index, call-overload]
            said.setdefault(output["request_id"], []).extend(output["new_token_ids"])
    assert said == {f"r{number}": alone(number) for number in range(8)}
    stats: Any = seen[-1].state["stats"]
    assert stats["num_free_blocks"] == stats["num_blocks"]
    assert stats["num_free_host_blocks"] == stats["num_host_blocks"]
    assert (stats["num_preemptions"] > 0) == name.startswith("victims")
