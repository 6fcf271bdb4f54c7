"""Prefix caching on traces that share prefixes: what is found, and what that is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pagedlab.queueing import largest_rate as most_work
from reproduce.claim import TIMES, Claim, Figure, Row
from reproduce.claim_text import section
from reproduce.scheduling.bench import Setup, serve
from reproduce.scheduling.cost import H100_70B
from reproduce.scheduling.experiment import Experiment, Panels, Size, Tell
from reproduce.scheduling.jobs import lengths, paced, with_prefixes
from reproduce.scheduling.log import figures
from reproduce.scheduling.points import Point, pick, values
from reproduce.tables import table

WORKLOADS = {"shared-prefix-agents": "agents", "chat-sessions": "chat sessions"}
LOADS = (0.05, 0.8)
"""Of the rate at which steps without end would only just do, if nothing were cached."""
SLOTS = (1 << 17, 1 << 18, 1 << 20)
"""Of KV memory; 8 H100 have room for about 2**20 tokens of Llama-2-70B beside the weights."""
BLOCK_SIZE = 64


def measure(size: Size, tell: Tell) -> list[Point]:
    """Serve each trace with and without a cache, at each load, and with less memory."""
    points = []
    for name, title in WORKLOADS.items():
        tell(f"prefix caching: {title}")
        jobs = with_prefixes(name, size.requests // 2, size.seeds[0], 1.0)
        limit = most_work(lengths(jobs), H100_70B)
        for load in LOADS:
            for slots, caching in ((SLOTS[-1], False), *((slots, True) for slots in SLOTS)):
                if slots == SLOTS[-1] or load == LOADS[-1]:
                    setup = Setup(H100_70B, slots, BLOCK_SIZE, caching=caching)
                    found = figures(serve(paced(jobs, load * limit), setup))
                    found["found"] = found["cached_tokens"] / sum(len(job.prompt) for job in jobs)
                    labels = {"workload": title, "load": str(load), "slots": str(slots)}
                    points.append(Point({**labels, "cache": "on" if caching else "off"}, found))
    return points


def _pair(points: Sequence[Point], workload: str, load: float) -> tuple[Point, Point]:
    """The runs with and without a cache, with the largest memory."""
    found = [
        pick(points, workload=workload, load=load, slots=SLOTS[-1], cache=cache)[0]
        for cache in ("on", "off")
    ]
    return found[0], found[1]


def _ratios(points: Sequence[Point], name: str, by_found: bool) -> tuple[Row, ...]:
    """Give cached over not, divided by the share that is left to compute if asked for."""
    rows = []
    for load in LOADS:
        found = {}
        for workload in values(points, "workload"):
            cached, other = (one.figures for one in _pair(points, workload, load))
            left = 1 - cached["found"] if by_found else 1.0
            found[workload] = Figure.of([cached[name] / other[name] / left])
        rows.append(Row(f"load {load}", found))
    return tuple(rows)


def claims(points: Sequence[Point]) -> list[Claim]:
    """Give the claims."""
    return [
        Claim(
            "a prefix that is found shortens the time to the first token in proportion",
            "vLLM's documentation, Automatic Prefix Caching: the computation of the shared part "
            "is skipped. Here: mean TTFT with over without the cache, divided by the share of "
            "prompt tokens that were not found, within 10 %",
            0.9,
            1.1,
            TIMES,
            "more is gained",
            "less is gained",
            "On an idle server a first token waits for its own prompt, and a step's fixed time is "
            "not saved. Under load it waits for the prompts of others too: what is found takes "
            "load off the server, and waiting falls faster than load.",
            "mean TTFT at",
            _ratios(points, "ttft_mean", by_found=True),
        ),
        Claim(
            "prefix caching does nothing for the time between tokens",
            "vLLM's documentation, Automatic Prefix Caching: it shortens prefill, not decode. "
            "Here: mean TPOT with over without the cache, within 5 %",
            0.95,
            1.05,
            TIMES,
            "it is shortened",
            "it is longer",
            "True of a request that is alone. Where prompts and decodes share steps, everybody's "
            "tokens wait for everybody's prompts.",
            "mean TPOT at",
            _ratios(points, "tpot_mean", by_found=False),
        ),
    ]


def tables(points: Sequence[Point]) -> Iterator[str]:
    """Give what is found, by memory and load."""
    rows = []
    for point in points:
        labels, found = point.labels, point.figures
        cells = [
            labels["workload"],
            labels["load"],
            f"{int(labels['slots']) // 1024}",
            labels["cache"],
        ]
        cells += [f"{100 * found['found']:.1f} %", f"{found['computed_tokens'] / 1e6:.2f}"]
        cells += [f"{1000 * found[name]:.0f} ms" for name in ("ttft_p50", "ttft_p95", "tpot_p50")]
        rows.append([*cells, f"{found['preemptions']:.0f}"])
    heads = ["workload", "load", "thousand slots", "cache", "prompt tokens found"]
    heads += ["million tokens computed", "TTFT P50", "P95", "TPOT P50", "preemptions"]
    yield from section("What the cache finds", table(heads, rows))


def draw(points: Sequence[Point], panels: Panels) -> None:
    """Draw what is found over memory, and TTFT with and without."""
    for workload in values(points, "workload"):
        runs = [
            pick(points, workload=workload, load=LOADS[-1], slots=slots, cache="on")[0]
            for slots in SLOTS
        ]
        shares = [100 * run.figures["found"] for run in runs]
        panels[0].plot([slots // 1024 for slots in SLOTS], shares, "-o", label=workload)
        pair = _pair(points, workload, LOADS[-1])
        for run, line in zip(pair, ("-o", "--o"), strict=True):
            names = ("ttft_p50", "ttft_p95", "ttft_p99")
            label = f"{workload}, cache {run.labels['cache']}"
            colour = f"C{values(points, 'workload').index(workload)}"
            panels[1].plot(
                ("P50", "P95", "P99"),
                [run.figures[name] for name in names],
                line,
                color=colour,
                label=label,
            )
    panels[0].set(
        xscale="log",
        xlabel="thousand slots of KV memory",
        ylabel="% of prompt tokens found",
        ylim=(0, None),
    )
    panels[0].set_xticks(
        [slots // 1024 for slots in SLOTS], [str(slots // 1024) for slots in SLOTS]
    )
    panels[0].minorticks_off()
    panels[1].set(yscale="log", ylabel=f"seconds to the first token, load {LOADS[-1]}")
    for panel in panels:
        panel.legend(frameon=False, fontsize=7)


EXPERIMENT = Experiment(
    "Prefix caching",
    "Long prompts that begin alike: agents (shaped after means alone; how much they share is "
    "guessed) and conversations (fitted to Mooncake's), on a 70B model on 8 H100 with blocks of "
    "64. Runs are short and begin with an empty cache, so that few later turns of a session "
    "occur: `workload/` has the hit rates of whole traces. Replies are not found again, for the "
    "traces do not tell their tokens. The same arrivals with and without a cache.",
    measure,
    claims,
    tables,
    draw,
)
