"""Prefix caching on traces that share blocks."""

from __future__ import annotations

import pytest

import reproduce  # noqa: F401  makes the reference importable
from reproduce.scheduling.bench import AMPLE, Setup, serve
from reproduce.scheduling.jobs import Job, with_prefixes
from reproduce.scheduling.log import figures
from workload.generate import generate
from workload.named import named

AGENTS = "shared-prefix-agents"


@pytest.fixture(scope="module")
def jobs() -> list[Job]:
    return with_prefixes(AGENTS, 16, 0, 1.0)


def test_prompts_begin_alike_as_far_as_their_blocks_do(jobs: list[Job]) -> None:
    trace = generate(named(AGENTS), 16, 0)
    assert [len(job.prompt) for job in jobs] == trace.prompt_tokens.tolist()
    alike = 0
    for one, blocks in zip(jobs[1:], trace.blocks[1:], strict=True):
        first, known = jobs[0], trace.blocks[0]
        shared = sum(a == b for a, b in zip(blocks, known, strict=False))
        tokens = sum(a == b for a, b in zip(one.prompt, first.prompt, strict=False))
        assert tokens == min(512 * shared, len(one.prompt), len(first.prompt))
        alike += shared
    assert alike > 0


def test_what_is_found_is_not_computed_and_everything_else_is(jobs: list[Job]) -> None:
    needed = sum(job.num_tokens - 1 for job in jobs)
    off, on = (
        figures(serve(jobs, Setup(slots=AMPLE, block_size=64, caching=caching)))
        for caching in (False, True)
    )
    assert off["cached_tokens"] == 0 and off["computed_tokens"] == needed
    assert on["cached_tokens"] > 0 and on["computed_tokens"] + on["cached_tokens"] == needed
    assert on["seconds"] < off["seconds"] and on["ttft_mean"] < off["ttft_mean"]
