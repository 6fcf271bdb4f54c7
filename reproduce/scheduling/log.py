"""What a run showed: when every token came, and figures worked out from that. Pure functions."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class LoggedStep:
    """One step: its time, its tokens, and how many requests it served, preempted, and swapped."""

    start: float
    end: float
    served: int
    tokens: int
    preempted: int = 0
    swapped_blocks: int = 0


@dataclass(frozen=True)
class Log:
    """A run from its first arrival to its last token.

    By request: when it arrived, when the step began that first served it, and when each of its
    tokens came. `cached_tokens` were found in the prefix cache.
    """

    arrivals: Mapping[str, float]
    admitted: Mapping[str, float]
    token_times: Mapping[str, Sequence[float]]
    steps: Sequence[LoggedStep]
    cached_tokens: int = 0

    @property
    def loaded_until(self) -> float:
        """When the last request was first served: with a backlog, somebody waited until then."""
        return max(self.admitted.values())


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by `share` of all; 0 of none."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0


def mean(values: Sequence[float]) -> float:
    """The mean; 0 of none."""
    return sum(values) / len(values) if values else 0.0


def first_tokens(log: Log) -> list[float]:
    """Seconds from arrival to first token (TTFT), of each request."""
    return [times[0] - log.arrivals[name] for name, times in log.token_times.items()]


def per_token(log: Log) -> list[float]:
    """Seconds for each further token (TPOT), of each request that has one."""
    several = [times for times in log.token_times.values() if len(times) > 1]
    return [(times[-1] - times[0]) / (len(times) - 1) for times in several]


def gaps(log: Log) -> list[float]:
    """Seconds between two tokens of a request, of all requests together."""
    return [
        after - before
        for times in log.token_times.values()
        for before, after in zip(times, times[1:], strict=False)
    ]


def figures(log: Log) -> dict[str, float]:
    """Sum a run up.

    `loaded_*` are of the time until the last request was first served. `latency` is the mean
    over requests of seconds from arrival to end, divided by tokens of output, as in the paper.
    """
    end, loaded = log.steps[-1].end, log.loaded_until
    early = [step for step in log.steps if step.end <= loaded]
    came = sum(bisect_right(times, loaded) for times in log.token_times.values())
    stays = {name: times[-1] - log.arrivals[name] for name, times in log.token_times.items()}
    result = {
        "requests": float(len(log.arrivals)),
        "output_tokens": float(sum(map(len, log.token_times.values()))),
        "computed_tokens": float(sum(step.tokens for step in log.steps)),
        "cached_tokens": float(log.cached_tokens),
        "seconds": end,
        "throughput": len(log.arrivals) / end,
        "loaded_tokens_a_second": came / loaded if loaded else 0.0,
        "loaded_running": _mean_served(early),
        "running": _mean_served(log.steps),
        "latency": mean([stay / len(log.token_times[name]) for name, stay in stays.items()]),
        "stay": mean(list(stays.values())),
        "preemptions": float(sum(step.preempted for step in log.steps)),
        "swapped_blocks": float(sum(step.swapped_blocks for step in log.steps)),
    }
    for name, values in (("ttft", first_tokens(log)), ("tpot", per_token(log)), ("gap", gaps(log))):
        values.sort()
        for share in (50, 95, 99):
            result[f"{name}_p{share}"] = percentile(values, share / 100)
        result[f"{name}_mean"] = mean(values)
        result[f"{name}_most"] = max(values, default=0.0)
    return result


def sustained(found: Mapping[str, float]) -> float:
    """Give the requests a second that a server goes on serving, from the figures of a backlog.

    If nobody waited, it was too short a backlog, and this is what was served of it in all.
    """
    steady = found["loaded_tokens_a_second"] * found["requests"] / found["output_tokens"]
    return steady or found["throughput"]


def _mean_served(steps: Sequence[LoggedStep]) -> float:
    seconds = sum(step.end - step.start for step in steps)
    return sum(step.served * (step.end - step.start) for step in steps) / max(seconds, 1e-12)
