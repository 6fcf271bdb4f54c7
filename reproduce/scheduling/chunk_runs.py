"""Runs with prompts cut into chunks or not, at one load, and the load that keeps a promise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

from pagedlab.queueing import largest_rate as most_work
from pagedlab.scheduler import Scheduler
from pagedlab.simulator import CostModel
from reproduce.backlogs import AZURE_CHAT, AZURE_CODE, Workload
from reproduce.scheduling.bench import AMPLE, Setup, serve
from reproduce.scheduling.capacity import largest_rate
from reproduce.scheduling.cost import A100_13B
from reproduce.scheduling.experiment import Size, Tell
from reproduce.scheduling.jobs import Job, backlog, lengths, open_loop
from reproduce.scheduling.log import Log, figures, sustained
from reproduce.scheduling.points import Point
from reproduce.scheduling.whole_prompts import PromptsFirst, WholePrompts

WORKLOADS = (AZURE_CHAT, AZURE_CODE)
SEQS = 32
FIRST, WHOLE = "prompts first", "whole prompts"
CHUNKS = ("256", "512", "1024", "2048")
WAYS = (FIRST, WHOLE, *reversed(CHUNKS))
UNCUT: dict[str, type[Scheduler]] = {FIRST: PromptsFirst, WHOLE: WholePrompts}
LOAD = 0.6
"""Of the rate at which steps without end would only just do."""
PROMISES = {"2 steps": 2, "5 steps": 5, "25 steps": 25}
"""Greatest P99 between tokens, over a step that gives 32 requests of 4,096 tokens one each.
Sarathi-Serve's promises are 5 (strict) and 25 (relaxed; §5.1)."""
PATIENCE = 2.0
"""Seconds that half of all requests may wait for their first token at most."""


def run_way(way: str, jobs: Sequence[Job], cost: CostModel = A100_13B) -> Log:
    """Serve jobs with prompts cut into chunks, whole beside the others' tokens, or whole first."""
    scheduler = UNCUT.get(way, Scheduler)
    tokens = 4096 + SEQS if way in UNCUT else int(way)
    return serve(jobs, Setup(cost, AMPLE, tokens=tokens, seqs=SEQS, scheduler=scheduler))


def decode_seconds(cost: CostModel) -> float:
    """Give the seconds of the step by which promises are measured."""
    return cost.fixed + 32 * cost.per_token + 32 * 4096 * cost.per_kv_token


def measure(size: Size, tell: Tell) -> list[Point]:
    """Serve every workload in every way at one load; then find what some ways bear."""
    points = []
    for workload in WORKLOADS:
        tell(f"chunks: {workload.title}")
        for seed in size.seeds:
            limit = most_work(lengths(backlog(workload, size.requests, seed)), A100_13B)
            jobs = open_loop(workload, size.requests, seed, LOAD * limit)
            for way in WAYS:
                labels = {"workload": workload.title, "way": way, "seed": str(seed)}
                points.append(Point(labels, figures(run_way(way, jobs))))
        for way in (FIRST, "2048", "512"):
            for promise, rate in borne(workload, way, size).items():
                labels = {"workload": workload.title, "way": way, "promise": promise}
                points.append(Point(labels, {"rate": rate}))
    return points


def borne(workload: Workload, way: str, size: Size) -> dict[str, float]:
    """Give the largest rate that keeps each promise, at most what is served of a backlog."""
    requests, seed = size.requests * 2 // 3, size.seeds[0]
    most = sustained(figures(run_way(way, backlog(workload, requests, seed))))

    @cache
    def served(rate: float) -> dict[str, float]:
        return figures(run_way(way, open_loop(workload, requests, seed, rate)))

    def strain(rate: float, gap: float) -> float:
        return max(served(rate)["gap_p99"] / gap, served(rate)["ttft_p50"] / PATIENCE)

    gaps = {promise: times * decode_seconds(A100_13B) for promise, times in PROMISES.items()}
    return {
        promise: largest_rate(partial(strain, gap=gap), 0.5 * most, most)
        for promise, gap in gaps.items()
    }
