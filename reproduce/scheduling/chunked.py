"""Chunked prefill: what the size of a chunk does to the time between tokens, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

from pagedlab.queueing import largest_rate as most_work
from pagedlab.scheduler import Scheduler
from pagedlab.simulator import CostModel
from reproduce.backlogs import AZURE_CHAT, AZURE_CODE, Workload
from reproduce.claim import TIMES, Claim, Row
from reproduce.claim_text import section
from reproduce.scheduling.bench import AMPLE, Setup, serve
from reproduce.scheduling.capacity import largest_rate
from reproduce.scheduling.cost import A100_13B
from reproduce.scheduling.experiment import Experiment, Panels, Size, Tell
from reproduce.scheduling.jobs import Job, backlog, lengths, open_loop
from reproduce.scheduling.log import Log, figures
from reproduce.scheduling.points import Point, pick, ratio, values
from reproduce.scheduling.whole_prompts import PromptsFirst, WholePrompts
from reproduce.tables import table

WORKLOADS = (AZURE_CHAT, AZURE_CODE)
SEQS = 128
FIRST, WHOLE = "prompts first", "whole prompts"
CHUNKS = ("256", "512", "1024", "2048")
WAYS = (FIRST, WHOLE, *reversed(CHUNKS))
UNCUT: dict[str, type[Scheduler]] = {FIRST: PromptsFirst, WHOLE: WholePrompts}
LOAD = 0.6
"""Of the rate at which steps without end would only just do."""
PROMISES = {"strict": 5, "relaxed": 25}
"""Greatest P99 between tokens, over a step in which 32 requests of 4,096 tokens get one (Sarathi-Serve)."""
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
    """Give the largest rate that keeps each promise."""
    requests, seed = size.requests * 2 // 3, size.seeds[0]
    limit = most_work(lengths(backlog(workload, requests, seed)), A100_13B)

    @cache
    def served(rate: float) -> dict[str, float]:
        return figures(run_way(way, open_loop(workload, requests, seed, rate)))

    def strain(rate: float, gap: float) -> float:
        return max(served(rate)["gap_p99"] / gap, served(rate)["ttft_p50"] / PATIENCE)

    gaps = {promise: times * decode_seconds(A100_13B) for promise, times in PROMISES.items()}
    return {
        promise: largest_rate(partial(strain, gap=gap), 0.4 * limit, limit)
        for promise, gap in gaps.items()
    }


def _of(points: Sequence[Point]) -> Callable[[str, str], list[Point]]:
    runs = [point for point in points if "promise" not in point.labels]
    return lambda workload, way: pick(runs, workload=workload, way=way)


def _against_whole(points: Sequence[Point], name: str) -> tuple[Row, ...]:
    of = _of(points)
    titles = values(points, "workload")
    return tuple(
        Row(f"chunks of {way}", {title: ratio(of(title, way), of(title, WHOLE), name) for title in titles})
        for way in CHUNKS
    )


def claims(points: Sequence[Point]) -> list[Claim]:
    """Give the claims."""
    rows = []
    for promise in PROMISES:
        for way in ("512", "2048"):
            found = {}
            for title in values(points, "workload"):
                pair = [pick(points, workload=title, way=one, promise=promise) for one in (way, FIRST)]
                found[title] = ratio(*pair, "rate")
            rows.append(Row(f"{promise}: chunks of {way}", found))
    return [
        Claim(
            "chunked prefill serves 2.6 times the load under a promise on the time between tokens",
            "Agrawal et al., Sarathi-Serve, OSDI 2024, abstract: Mistral-7B on one A100, against "
            "vLLM of the time; up to 3.7 times for Yi-34B on two",
            2.6,
            3.7,
            TIMES,
            "less is gained",
            "more is gained",
            "A chunk bounds the longest step, and so the promise that can be kept. Where whole "
            "prompts keep it too, nothing is gained. A model in which every token costs the same, "
            "however full the step is, cannot show the other half of the paper's gain, that a "
            "chunk fills a step whose time goes into reading weights; see the roofline below.",
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
            "often concluded from the above. Here: P50 over requests of their mean (TPOT)",
            0.0,
            0.99,
            TIMES,
            "",
            "it is no lower",
            "The mean over a request adds the same prompts up, in one step or in many, so that only "
            "the tail falls, unless prompts come in bursts: then a small budget lets those who run "
            "finish before those who wait, whose first token pays for it. Say which percentile, and "
            "whether of requests or of gaps.",
            "TPOT, P50",
            _against_whole(points, "tpot_p50"),
        ),
        Claim(
            "and the first token comes no later",
            "not claimed by vLLM's documentation, which says the opposite. Here: P95 of TTFT, "
            "within 5 %",
            0.0,
            1.05,
            TIMES,
            "",
            "it comes later",
            "A chunk waits for the step before it, each step has its fixed time, and running "
            "requests are served first: a prompt pays for the steadiness of the others.",
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
        [point.labels["workload"], point.labels["way"], point.labels["promise"], f"{point.figures['rate']:.2f}"]
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
        for panel, names in zip(panels, (("gap_p99", "tpot_p99", "tpot_p50"), ("ttft_p95", "ttft_p50")), strict=True):
            for name, line in zip(names, ("-o", "--o", ":o"), strict=False):
                means = [1000 * sum(run.figures[name] for run in of(workload, way)) / len(of(workload, way)) for way in WAYS]
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
    "Memory for all, 128 places. A budget of tokens a step cuts prompts into chunks beside "
    "everybody's next token. Against it: whole prompts beside the others' tokens, of up to 4,096 "
    "tokens together (as in Orca); and whole prompts first, in steps of their own, while all others "
    "stand still (vLLM before it cut prompts).",
    measure,
    claims,
    tables,
    draw,
)
