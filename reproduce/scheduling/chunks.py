"""Chunked prefill: what the size of a chunk does to the time between tokens, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from reproduce.claim import TIMES, Claim, Row
from reproduce.claim_text import section
from reproduce.scheduling.chunk_runs import CHUNKS, FIRST, LOAD, PROMISES, WAYS, WHOLE, measure
from reproduce.scheduling.experiment import Experiment, Panels
from reproduce.scheduling.points import Point, pick, ratio, values
from reproduce.tables import table


def _of(points: Sequence[Point]) -> Callable[[str, str], list[Point]]:
    runs = [point for point in points if "promise" not in point.labels]
    return lambda workload, way: pick(runs, workload=workload, way=way)


def _against_whole(points: Sequence[Point], name: str) -> tuple[Row, ...]:
    of = _of(points)
    titles = values(points, "workload")
    return tuple(
        Row(
            f"chunks of {way}",
            {title: ratio(of(title, way), of(title, WHOLE), name) for title in titles},
        )
        for way in CHUNKS
    )


def claims(points: Sequence[Point]) -> list[Claim]:
    """Give the claims."""
    rows = []
    for promise in PROMISES:
        for way in ("512", "2048"):
            found = {}
            for title in values(points, "workload"):
                pair = [
                    pick(points, workload=title, way=one, promise=promise) for one in (way, FIRST)
                ]
                found[title] = ratio(pair[0], pair[1], "rate")
            rows.append(Row(f"at most {promise}: chunks of {way}", found))
    return [
        Claim(
            "chunked prefill serves 2.6 times the load under a promise on the time between tokens",
            "Agrawal et al., Sarathi-Serve, OSDI 2024, abstract: Mistral-7B on one A100, against "
            "vLLM of the time; up to 3.7 times for Yi-34B on two. The promise: P99 between tokens "
            "is at most so many times a step that gives 32 requests of 4,096 tokens one each (the "
            "paper has 5 and 25), and half of all first tokens come within 2 s",
            2.6,
            3.7,
            TIMES,
            "less is gained",
            "more is gained",
            "A chunk bounds the longest step. What is gained is whatever whole prompts cannot "
            "serve under the promise: much if it is strict and prompts come in bursts, nothing if "
            "they keep it anyway, and less than nothing if the chunk itself is too long for it. "
            "Where every token costs the same, however full the step is, the other half of the "
            "paper's gain does not show: that a chunk fills a step whose time goes into reading "
            "weights.",
            "against prompts first",
            tuple(rows),
        ),
        Claim(
            "smaller chunks bring steadier tokens",
            "vLLM's documentation, Optimization and Tuning: a smaller token budget gives better "
            "inter-token latency. Here: P99 between tokens over that with whole prompts",
            0.0,
            0.99,
            TIMES,
            "",
            "tokens are less steady",
            "The budget is the longest step. Nothing else enters.",
            "P99 between tokens",
            _against_whole(points, "gap_p99"),
        ),
        Claim(
            "smaller chunks bring a lower time per output token",
            "this course, which asks for the effect of chunks on TPOT. Here: P50 over requests of "
            "their mean time between tokens, over that with whole prompts",
            0.0,
            0.99,
            TIMES,
            "",
            "it is no lower",
            "The mean over a request adds the same prompts up, in one step or in many, so that "
            "only the tail falls, unless prompts come in bursts: then a small budget lets those "
            "who run finish before those who wait, whose first token pays for it. Say which "
            "percentile, and whether of requests or of gaps.",
            "TPOT, P50",
            _against_whole(points, "tpot_p50"),
        ),
        Claim(
            "smaller chunks delay the first token",
            "vLLM's documentation, Optimization and Tuning: a larger token budget gives a better "
            "time to first token. Here: P95 of TTFT over that with whole prompts, more than 5 % "
            "longer",
            1.06,
            math.inf,
            TIMES,
            "it is not delayed",
            "",
            "A chunk waits for the step before it, each step has its fixed time, and running "
            "requests are served first: a prompt pays for the steadiness of the others. In bursts "
            "it waits for other prompts anyway.",
            "TTFT, P95",
            _against_whole(points, "ttft_p95"),
        ),
    ]


def tables(points: Sequence[Point]) -> Iterator[str]:
    """Give the distributions, and what is borne."""
    of, rows = _of(points), []
    for workload in values(points, "workload"):
        for way in WAYS:
            runs = of(workload, way)
            cells = [sum(run.figures[name] for run in runs) / len(runs) for name in SHOWN]
            title = way if way in (FIRST, WHOLE) else f"chunks of {way}"
            rows.append([workload, title, *(f"{1000 * cell:.0f}" for cell in cells)])
    heads = ["workload", "prompts", *SHOWN.values()]
    yield from section(f"At a load of {LOAD} (milliseconds)", table(heads, rows))
    rows = [
        [
            point.labels["workload"],
            point.labels["way"],
            point.labels["promise"],
            f"{point.figures['rate']:.2f}",
        ]
        for point in points
        if "promise" in point.labels
    ]
    heads = ["workload", "prompts", "promise", "requests a second"]
    yield from section("What is borne under a promise", table(heads, rows))


SHOWN = {
    "tpot_p50": "TPOT P50",
    "tpot_p95": "P95",
    "tpot_p99": "P99",
    "gap_p50": "between tokens P50",
    "gap_p95": "P95",
    "gap_p99": "P99",
    "gap_most": "longest",
    "ttft_p50": "TTFT P50",
    "ttft_p95": "P95",
}


def draw(points: Sequence[Point], panels: Panels) -> None:
    """Draw the tails of the time between tokens, and the time to the first token."""
    of = _of(points)
    for workload in values(points, "workload"):
        for panel, names in zip(
            panels, (("gap_p99", "tpot_p99", "tpot_p50"), ("ttft_p95", "ttft_p50")), strict=True
        ):
            for name, line in zip(names, ("-o", "--o", ":o"), strict=False):
                means = [
                    1000
                    * sum(run.figures[name] for run in of(workload, way))
                    / len(of(workload, way))
                    for way in WAYS
                ]
                colour = f"C{values(points, 'workload').index(workload)}"
                label = f"{workload}, {NAMES[name]}"
                panel.plot(range(len(WAYS)), means, line, color=colour, label=label, markersize=4)
    for panel in panels:
        panel.set(yscale="log", ylabel="milliseconds")
        panel.set_xticks(range(len(WAYS)), [way.replace(" ", "\n") for way in WAYS])
        panel.legend(frameon=False, fontsize=6)


NAMES = {"gap_p99": "between tokens P99", "tpot_p99": "TPOT P99", "tpot_p50": "TPOT P50"}
NAMES |= {"ttft_p95": "TTFT P95", "ttft_p50": "TTFT P50"}

EXPERIMENT = Experiment(
    "Chunked prefill",
    "Memory for all, 32 places. A budget of tokens a step cuts prompts into chunks beside "
    "everybody's next token. Against it: whole prompts beside the others' tokens, of up to 4,096 "
    "tokens together (as in Orca); and whole prompts first, in steps of their own, while all "
    "others stand still (vLLM before it cut prompts).",
    measure,
    claims,
    tables,
    draw,
)
