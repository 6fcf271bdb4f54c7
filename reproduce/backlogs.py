"""What is served: backlogs of requests like ShareGPT's and Azure's, or from real files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pagedlab.replay import Request
from workload.check import find_real
from workload.generate import generate
from workload.named import named
from workload.reading import read_trace
from workload.trace import Trace, WorkloadError


@dataclass(frozen=True)
class Workload:
    """A column of the results: its heading, and the longest sequence that its model takes."""

    name: str
    title: str
    max_model_len: int


SHAREGPT = Workload("sharegpt-like", "ShareGPT-like", 2048)
AZURE_CHAT = Workload("steady-chat", "Azure conversation", 4096)
AZURE_CODE = Workload("bursty-code", "Azure code", 4096)
WORKLOADS = (SHAREGPT, AZURE_CHAT, AZURE_CODE)
REAL = {"azure_conv": AZURE_CHAT, "azure_code": AZURE_CODE}
"""Which fitted trace stands behind a workload."""


@dataclass(frozen=True)
class Backlog:
    """Requests that all wait from the start, as a server with this `max_model_len` takes them."""

    requests: tuple[Request, ...]
    max_model_len: int
    refused: int


def fit_to_model(trace: Trace, max_model_len: int) -> Backlog:
    """Give the requests as a server takes them.

    A prompt that leaves no room for a token is refused. An output ends where the model's longest
    sequence ends.
    """
    taken = []
    for index, request in enumerate(trace.requests()):
        room = max_model_len - request.prompt_tokens
        if room > 0:
            output = min(request.output_tokens, room)
            taken.append(Request(f"r{index}", request.prompt_tokens, output))
    return Backlog(tuple(taken), max_model_len, len(trace) - len(taken))


def generated(workload: Workload, requests: int, seeds: Sequence[int]) -> list[Backlog]:
    """Give one backlog for each seed."""
    model = named(workload.name)
    traces = (generate(model, requests, seed) for seed in seeds)
    return [fit_to_model(trace, workload.max_model_len) for trace in traces]


def real(folder: Path, requests: int, number: int) -> Iterator[tuple[Workload, list[Backlog]]]:
    """Give, for every real Azure file in a folder, `number` stretches spread over the trace.

    Raises:
        WorkloadError: there is none, or a file cannot be read.
    """
    found = [(REAL[name], file) for name, file in find_real(folder) if name in REAL]
    if not found:
        raise WorkloadError(f"{folder}: no Azure trace; workload/sources.toml has the names")
    for workload, file in found:
        trace = read_trace(file)
        last = max(0, len(trace) - requests)
        starts = [last * at // max(1, number - 1) for at in range(number)]
        stretches = [trace.between(start, start + requests) for start in starts]
        yield workload, [fit_to_model(each, workload.max_model_len) for each in stretches]
