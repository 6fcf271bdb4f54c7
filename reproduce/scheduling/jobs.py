"""What arrives: requests of the course's workloads, at a rate that is asked for, or all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

from reproduce.backlogs import Workload
from workload.generate import generate
from workload.named import named

TOKENS_APART = 1 << 20
"""No two requests share a token id, unless they are meant to."""


@dataclass(frozen=True)
class Job:
    """A request: arrival in seconds, the tokens of its prompt, and how many it will generate."""

    name: str
    arrival: float
    prompt: Sequence[int]
    output: int

    @property
    def num_tokens(self) -> int:
        """Tokens at its end."""
        return len(self.prompt) + self.output


def open_loop(workload: Workload, requests: int, seed: int, rate: float) -> list[Job]:
    """Give requests that arrive `rate` a second on average, in the workload's pattern.

    As `backlogs.fit_to_model`: a prompt that leaves no room for a token is refused, and an output
    ends where the model's longest sequence does.
    """
    jobs = []
    for index, request in enumerate(generate(named(workload.name), requests, seed).requests()):
        room = workload.max_model_len - request.prompt_tokens
        if room > 0:
            start = index * TOKENS_APART + 2
            prompt = range(start, start + request.prompt_tokens)
            output = min(request.output_tokens, room)
            jobs.append(Job(f"r{index}", request.arrival, prompt, output))
    return paced(jobs, rate)


def backlog(workload: Workload, requests: int, seed: int) -> list[Job]:
    """Give the same requests, all waiting from the start."""
    jobs = open_loop(workload, requests, seed, 1.0)
    return [replace(job, arrival=0.0) for job in jobs]


def paced(jobs: Sequence[Job], rate: float) -> list[Job]:
    """Stretch time so that the jobs arrive `rate` a second on average."""
    factor = len(jobs) / (rate * (jobs[-1].arrival or 1.0))
    return [replace(job, arrival=job.arrival * factor) for job in jobs]


def lengths(jobs: Sequence[Job]) -> list[tuple[int, int]]:
    """Give tokens of prompt and output of each."""
    return [(len(job.prompt), job.output) for job in jobs]


def poisson(jobs: Sequence[Job], rate: float, seed: int) -> list[Job]:
    """Give the same requests in another order, with gaps: all of them independent of each other."""
    random, now, result = Random(seed), 0.0, []
    for job in random.sample(jobs, len(jobs)):
        now += random.expovariate(rate)
        result.append(replace(job, arrival=now))
    return result


def shorter(jobs: Sequence[Job], divisor: int) -> list[Job]:
    """Divide all lengths, so that more requests can be served; none becomes 0."""
    return [
        replace(
            job,
            prompt=job.prompt[: max(1, len(job.prompt) // divisor)],
            output=max(1, job.output // divisor),
        )
        for job in jobs
    ]


def with_prefixes(name: str, requests: int, seed: int, rate: float) -> list[Job]:
    """Give requests of a workload whose prompts share blocks: equal blocks have equal tokens."""
    trace = generate(named(name), requests, seed)
    jobs = []
    for index, request in enumerate(trace.requests()):
        size = trace.block_tokens
        ids = (block * size + place + 2 for block in request.blocks for place in range(size))
        prompt = list(islice(ids, request.prompt_tokens))
        jobs.append(Job(f"r{index}", request.arrival, prompt, request.output_tokens))
    return paced(jobs, rate)
