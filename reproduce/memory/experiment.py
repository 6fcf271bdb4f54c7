"""The experiment on memory: one backlog, one memory size, served on every kind of memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reproduce.backlogs import AZURE_CHAT, SHAREGPT, WORKLOADS, Backlog, Workload, generated
from reproduce.machine import NUM_SLOTS, Clock
from reproduce.memory.kinds import CONTIGUOUS, MAX, ORACLE, PAGED, PAGED_FULL, Memory, paged
from reproduce.serving import Served, Server

MEMORIES = (*CONTIGUOUS, PAGED, PAGED_FULL)
LENGTHS = (2048, 4096, 8192)
"""Values of `max_model_len` that the Azure conversations are served with."""
BLOCK_SIZES = (1, 16, 64, 256)


@dataclass(frozen=True)
class Size:
    """How much is served: requests in a backlog, and the seeds of backlogs."""

    requests: int
    seeds: tuple[int, ...]


FULL = Size(800, (0, 1, 2))
QUICK = Size(60, (0,))


@dataclass(frozen=True)
class Run:
    """One backlog after another of one workload on one memory: `served` has one entry a seed."""

    workload: str
    max_model_len: int
    memory: str
    refused: int
    served: tuple[Served, ...]


def serve(backlog: Backlog, memory: Memory) -> Served:
    """Serve a backlog on a fresh memory of the paper's size."""
    built = memory.build(NUM_SLOTS, backlog.max_model_len)
    keep_free = int(memory.watermark * built.num_slots)
    return Server(backlog.requests, built, Clock(), keep_free).serve()


def run(workload: Workload, memory: Memory, backlogs: Sequence[Backlog]) -> Run:
    """Serve every backlog of a workload on one kind of memory."""
    served = tuple(serve(backlog, memory) for backlog in backlogs)
    refused = sum(backlog.refused for backlog in backlogs)
    return Run(workload.title, workload.max_model_len, memory.key, refused, served)


def main_runs(
    backlogs: Mapping[Workload, Sequence[Backlog]], tell: Callable[[str], None]
) -> Iterator[Run]:
    """Serve every workload on every memory; `tell` hears what is next."""
    for workload, seeds in backlogs.items():
        for memory in MEMORIES:
            tell(f"{workload.title}: {memory.title}")
            yield run(workload, memory, seeds)


def by_length(size: Size, tell: Callable[[str], None]) -> Iterator[Run]:
    """Serve Azure conversations by models that take shorter and longer sequences; one seed."""
    for longest in LENGTHS:
        workload = replace(AZURE_CHAT, max_model_len=longest)
        backlogs = generated(workload, size.requests, size.seeds[:1])
        for memory in (MAX, ORACLE, PAGED):
            tell(f"{workload.title}, at most {longest} tokens: {memory.title}")
            yield run(workload, memory, backlogs)


def by_block_size(size: Size, tell: Callable[[str], None]) -> Iterator[Run]:
    """Serve ShareGPT-like requests with smaller and larger blocks; one seed."""
    backlogs = generated(SHAREGPT, size.requests, size.seeds[:1])
    for block_size in BLOCK_SIZES:
        tell(f"{SHAREGPT.title}: blocks of {block_size}")
        yield run(SHAREGPT, paged(block_size), backlogs)


def backlogs_of(size: Size) -> dict[Workload, list[Backlog]]:
    """Give the generated backlogs of all workloads."""
    return {each: generated(each, size.requests, size.seeds) for each in WORKLOADS}
