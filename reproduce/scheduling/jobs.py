"""What arrives: requests of the course's workloads, at a rate that is asked for, or all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    return [Job(job.name, 0.0, job.prompt, job.output) for job in jobs]


def paced(jobs: Sequence[Job], rate: float) -> list[Job]:
    """Stretch time so that the jobs arrive `rate` a second on average."""
    factor = len(jobs) / (rate * (jobs[-1].arrival or 1.0))
    return [Job(job.name, job.arrival * factor, job.prompt, job.output) for job in jobs]


def lengths(jobs: Sequence[Job]) -> list[tuple[int, int]]:
    """Give tokens of prompt and output of each."""
    return [(len(job.prompt), job.output) for job in jobs]
