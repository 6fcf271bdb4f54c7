"""The claims on memory: what contiguous memory wastes, what paging uses, how many more requests run.

Serves the same backlogs on the reference's contiguous and paged memories of one size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reproduce.backlogs import AZURE_CHAT, Backlog, Workload, fit_to_model
from reproduce.claim import Claim, Figure, Row
from reproduce.machine import NUM_SLOTS, Clock
from reproduce.memories import CONTIGUOUS, FIRST_FIT, MAX, ORACLE, PAGED, POW2, Memory
from reproduce.serving import Served, Server

Results = Mapping[tuple[Workload, Memory], Sequence[Served]]
"""What serving showed, one entry a seed."""

Measure = Callable[[Served], float]


def serve(backlog: Backlog, memory: Memory) -> Served:
    """Serve a backlog on a fresh memory of the paper's size."""
    built = memory.build(NUM_SLOTS, backlog.max_model_len)
    return Server(backlog.requests, built, Clock()).serve()


def serve_all(
    backlogs: Mapping[Workload, Sequence[Backlog]],
    memories: Sequence[Memory],
    tell: Callable[[str], None],
) -> dict[tuple[Workload, Memory], list[Served]]:
    """Serve every backlog on every memory; `tell` hears of each as it begins."""
    results: dict[tuple[Workload, Memory], list[Served]] = {}
    for workload, seeds in backlogs.items():
        for memory in memories:
            tell(f"{workload.title}: {memory.title}")
            results[workload, memory] = [serve(backlog, memory) for backlog in seeds]
    return results


def _measured(results: Results, memory: Memory, measure: Measure) -> dict[str, Figure]:
    return {
        workload.title: Figure.of([measure(one) for one in served])
        for (workload, each), served in results.items()
        if each is memory
    }


def _times_more(results: Results, memory: Memory, measure: Measure) -> dict[str, Figure]:
    """Give how many times as much paged memory reaches, seed by seed."""
    ratios = {}
    for (workload, each), served in results.items():
        if each is memory:
            pairs = zip(results[workload, PAGED], served, strict=True)
            ratios[workload.title] = Figure.of([measure(a) / measure(b) for a, b in pairs])
    return ratios


def claims(results: Results) -> list[Claim]:
    """Give the claims with what was measured for them."""
    against = {
        MAX: "longest sequence reserved (Orca Max)",
        POW2: "output rounded up to a power of two (Orca Pow2)",
        ORACLE: "true length known, buddy (Orca Oracle)",
        FIRST_FIT: "true length known, first fit",
    }
    wasted = [Row(against[m], _measured(results, m, lambda s: s.wasted)) for m in CONTIGUOUS]
    running = [Row(against[m], _times_more(results, m, lambda s: s.running)) for m in CONTIGUOUS]
    faster = [Row(against[m], _times_more(results, m, lambda s: s.throughput)) for m in CONTIGUOUS]
    whole = Row("paged, of the whole memory", _measured(results, PAGED, lambda s: s.used))
    given = Row("paged, of the blocks in use", _measured(results, PAGED, _used_of_given))
    idle = [
        Row("paged, of the whole memory", _measured(results, PAGED, lambda s: s.wasted)),
        Row("paged, of the blocks in use", _measured(results, PAGED, lambda s: 1 - _used_of_given(s))),
    ]
    percent, times = "{:.1%}", "{:.2f}×"
    return [
        Claim(
            "40–60 % of contiguous KV memory is wasted",
            "this course",
            0.40,
            0.60,
            "{:.0%}",
            "less is wasted",
            "more is wasted",
            tuple(wasted),
        ),
        Claim(
            "existing systems waste 60–80 % of KV memory",
            "vLLM blog, 20 June 2023; the paper has 20.4–38.2 % in use (§1, Fig. 2)",
            0.60,
            0.80,
            "{:.0%}",
            "less is wasted",
            "more is wasted",
            tuple(wasted[:3]),
        ),
        Claim(
            "paged memory is 95–98 % utilised",
            "this course; the paper has 96.3 % (Fig. 2)",
            0.95,
            0.98,
            percent,
            "less is used",
            "more is used",
            (whole, given),
        ),
        Claim(
            "paging wastes under 4 %",
            "vLLM blog, 20 June 2023",
            0.0,
            0.04,
            percent,
            "less is wasted",
            "more is wasted",
            tuple(idle),
        ),
        Claim(
            "paging runs 2–3 times as many sequences side by side",
            "this course",
            2.0,
            3.0,
            times,
            "fewer",
            "more",
            tuple(running),
        ),
        Claim(
            "paging has 2–4 times the throughput",
            "the paper, abstract, against FasterTransformer and Orca; here time is a model",
            2.0,
            4.0,
            times,
            "less",
            "more",
            tuple(faster),
        ),
    ]


def _used_of_given(served: Served) -> float:
    """Give the share of what requests hold that has a token's KV: all but the last block's end."""
    return served.used / (served.used + served.reservation + served.internal)
