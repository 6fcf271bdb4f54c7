"""The requests of a trace as the judge serves them, and the imagined server."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Server:
    """The imagined server: blocks of 16 tokens, limits, and what a step costs (CostModel)."""

    blocks: int
    tokens: int
    seqs: int
    watermark: int = 0
    caching: bool = False
    cost: tuple[float, float, float] = (0.020, 0.0005, 0.000004)


@dataclass
class Job:
    """One request of a trace, and how far it is."""

    name: str
    arrival: float
    prompt: list[int]
    output: int
    computed: int = 0
    running: bool = False
    preemptions: int = 0
    token_times: list[float] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Number of tokens so far."""
        return len(self.prompt) + len(self.token_times)

    @property
    def done(self) -> bool:
        """True once it has all its output."""
        return len(self.token_times) == self.output

    @property
    def first_token(self) -> float:
        """Seconds from arrival to first token."""
        return self.token_times[0] - self.arrival

    @property
    def per_token(self) -> float:
        """Seconds for each further token; 0 if there is none."""
        return (self.token_times[-1] - self.token_times[0]) / max(1, self.output - 1)


def job_of(number: int, arrival: float, segments: list[list[int]], output: int) -> Job:
    prompt = [
        10_000 * (name % 100_000) + place for name, size in segments for place in range(2, size + 2)
    ]
    return Job(f"r{number}", arrival, prompt, output)
