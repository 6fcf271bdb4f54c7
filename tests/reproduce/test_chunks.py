"""Prompts in chunks, whole, and first: the same tokens, other steps."""

from __future__ import annotations

import pytest

import reproduce  # noqa: F401  makes the reference importable
from reproduce.backlogs import AZURE_CHAT
from reproduce.scheduling.chunk_runs import FIRST, SEQS, WAYS, WHOLE, run_way
from reproduce.scheduling.jobs import open_loop
from reproduce.scheduling.log import Log, figures

JOBS = open_loop(AZURE_CHAT, 30, 0, 4.0)
PROMPTS = {job.name: len(job.prompt) for job in JOBS}


@pytest.fixture(scope="module")
def logs() -> dict[str, Log]:
    return {way: run_way(way, JOBS) for way in WAYS}


def test_every_way_serves_the_same_tokens(logs: dict[str, Log]) -> None:
    found = [figures(log) for log in logs.values()]
    assert len({(one["output_tokens"], one["computed_tokens"]) for one in found}) == 1


def test_no_step_is_longer_than_its_budget(logs: dict[str, Log]) -> None:
    for way, log in logs.items():
        budget = 4096 + SEQS if way in (FIRST, WHOLE) else int(way)
        assert max(step.tokens for step in log.steps) <= budget


def admitted(log: Log, start: float) -> list[int]:
    return [PROMPTS[name] for name, time in log.admitted.items() if time == start]


def test_whole_prompts_are_computed_in_the_step_that_admits_them(logs: dict[str, Log]) -> None:
    for step in logs[WHOLE].steps:
        new = admitted(logs[WHOLE], step.start)
        assert step.tokens == sum(new) + step.served - len(new)


def test_prompts_first_serves_prompts_or_else_the_running(logs: dict[str, Log]) -> None:
    for step in logs[FIRST].steps:
        new = admitted(logs[FIRST], step.start)
        assert (step.tokens, step.served) == ((sum(new), len(new)) if new else (step.served,) * 2)


def test_smaller_chunks_bound_the_time_between_tokens_and_delay_the_first(
    logs: dict[str, Log],
) -> None:
    longest = [figures(logs[way])["gap_most"] for way in (FIRST, WHOLE, "2048", "1024", "512")]
    assert longest == sorted(longest, reverse=True)
    assert figures(logs["256"])["ttft_mean"] > figures(logs["2048"])["ttft_mean"]
