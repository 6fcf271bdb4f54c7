"""Static against continuous batching: throughput with a backlog, latency under load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reproduce.backlogs import SHAREGPT, WORKLOADS
from reproduce.claim import TIMES, Claim, Row
from reproduce.claim_text import section
from reproduce.scheduling.bench import AMPLE, Setup, serve
from reproduce.scheduling.cost import A100_13B
from reproduce.scheduling.experiment import Experiment, Panels, Size, Tell
from reproduce.scheduling.jobs import Job, backlog, open_loop
from reproduce.scheduling.log import Log, figures
from reproduce.scheduling.points import Point, figure, pick, ratio, values
from reproduce.scheduling.static_server import serve_static
from reproduce.tables import table

PLACES = (4, 16, 64)
BATCHES = 6
"""Static batches in a backlog. The last one is not counted: in it, places empty for good."""
LOADS = (0.3, 0.6, 0.9, 1.2, 1.8, 2.4)
"""Arrivals under load, as multiples of what static batching can serve."""
LOADED_PLACES = 16
SERVERS = ("continuous", "static", "static, no padding")


def run_server(server: str, jobs: Sequence[Job], places: int) -> Log:
    """Serve jobs by one of the servers, with memory for all."""
    if server == "continuous":
        return serve(jobs, Setup(slots=AMPLE, seqs=places))
    return serve_static(jobs, places, A100_13B, padded=server == "static")


def measure(size: Size, tell: Tell) -> list[Point]:
    """Serve backlogs with several numbers of places, then one workload under rising load."""
    points = []
    full = size.requests > BATCHES * LOADED_PLACES
    batches, place_counts = (BATCHES, PLACES) if full else (2, PLACES[:2])
    for workload in WORKLOADS:
        tell(f"static and continuous batching: {workload.title}")
        for places in place_counts:
            for seed in size.seeds:
                jobs = backlog(workload, max(size.requests // 2, batches * places), seed)
                for server in SERVERS:
                    log = run_server(server, jobs, places)
                    labels = {"workload": workload.title, "places": str(places)}
                    labels |= {"server": server, "seed": str(seed)}
                    points.append(Point(labels, figures(log)))
    capacity = figure(_backlog(points, SHAREGPT.title, LOADED_PLACES, "static"), "throughput").mean
    for load in LOADS:
        jobs = open_loop(SHAREGPT, size.requests * 2 // 3, size.seeds[0], load * capacity)
        for server in SERVERS[:2]:
            found = {"rate": load * capacity, **figures(run_server(server, jobs, LOADED_PLACES))}
            points.append(Point({"load": str(load), "server": server}, found))
    return points


def _backlog(points: Sequence[Point], workload: str, places: int, server: str) -> list[Point]:
    return pick(points, workload=workload, places=places, server=server)


def _places(points: Sequence[Point]) -> list[int]:
    return [int(places) for places in values(points, "places")]


def _row(points: Sequence[Point], places: int, server: str) -> Row:
    found = {}
    for workload in values(points, "workload"):
        pair = [_backlog(points, workload, places, one) for one in ("continuous", server)]
        found[workload] = ratio(pair[0], pair[1], "loaded_tokens_a_second")
    padding = "prompts padded" if server == "static" else "no padding"
    return Row(f"{places} places, {padding}", found)


def claims(points: Sequence[Point]) -> list[Claim]:
    """Give the claim."""
    return [
        Claim(
            "continuous batching serves 2–3 times as much as static batching",
            "this course. Yu et al., OSDI 2022, measured up to 36.9 times on GPT-3 175B, at equal "
            "latency and against FasterTransformer",
            2.0,
            3.0,
            TIMES,
            "less is gained",
            "more is gained",
            "A static batch lasts as long as its longest output. Without padding, the gain is at "
            "most the longest output of a batch over the mean one: it grows with the spread of "
            "lengths, and with the number of places only as long as a step's fixed time weighs "
            "more than its tokens. What prompts cost is the same for both, so that nothing is "
            "gained where they take the time. Padding is a choice of the baseline, and the larger "
            "part of what is claimed.",
            "static batches of",
            tuple(
                _row(points, places, server) for server in SERVERS[1:] for places in _places(points)
            ),
        )
    ]


def tables(points: Sequence[Point]) -> Iterator[str]:
    """Give use of places, which no cost model enters, and latency under load."""
    rows = []
    for workload in values(points, "workload"):
        for places in _places(points):
            served = _backlog(points, workload, places, "static, no padding")
            continuous = _backlog(points, workload, places, "continuous")
            use = [figure(each, "loaded_running").mean / places for each in (served, continuous)]
            pair = [figure(each, "gap_p99").mean for each in (served, continuous)]
            shown = [f"{100 * share:.0f} %" for share in use] + [f"{one:.3f} s" for one in pair]
            rows.append([workload, str(places), *shown])
    heads = ["workload", "places", "in use: static", "continuous"]
    heads += ["P99 between tokens: static, no padding", "continuous"]
    yield from section("Places in use, on average over time", table(heads, rows))
    rows = []
    for load in values(points, "load"):
        pair_of = [pick(points, load=load, server=server)[0].figures for server in SERVERS[:2]]
        cells = [f"{one['throughput']:.2f}" for one in pair_of]
        cells += [f"{one['latency']:.3f} s" for one in pair_of]
        cells += [f"{one['ttft_p50']:.2f} s" for one in pair_of]
        rows.append([f"{pair_of[0]['rate']:.2f}", *cells])
    heads = ["requests a second", "served: continuous", "static", "seconds a token: continuous"]
    heads += ["static", "first token P50: continuous", "static"]
    title = f"Under load ({SHAREGPT.title}, {LOADED_PLACES} places, prompts padded)"
    yield from section(title, table(heads, rows))
    yield from (
        "",
        "As long as both keep up, they serve the same: what arrives. Continuous batching is felt",
        "as latency first, and as throughput only beyond what static batching can serve.",
    )


def draw(points: Sequence[Point], panels: Panels) -> None:
    """Draw the gain over the number of places, and latency over load."""
    for workload in values(points, "workload"):
        for server, line in (("static", "-o"), ("static, no padding", "--o")):
            places_of = _places(points)
            rows = [_row(points, places, server).figures[workload].mean for places in places_of]
            label = f"{workload}{'' if server == 'static' else ', no padding'}"
            colour = f"C{values(points, 'workload').index(workload)}"
            panels[0].plot(places_of, rows, line, color=colour, label=label, markersize=4)
    panels[0].axhspan(2, 3, color="#dddddd", zorder=0)
    panels[0].set(
        xscale="log", yscale="log", xlabel="places", ylabel="continuous / static, tokens a second"
    )
    panels[0].set_xticks(PLACES, [str(places) for places in PLACES])
    panels[0].legend(frameon=False, fontsize=7)
    for server in SERVERS[:2]:
        runs = [
            one.figures for one in points if "load" in one.labels and one.labels["server"] == server
        ]
        panels[1].plot(
            [run["rate"] for run in runs],
            [run["latency"] for run in runs],
            "-o",
            label=server,
            markersize=4,
        )
    panels[1].set(yscale="log", xlabel="requests a second", ylabel="mean seconds a token")
    panels[1].set_title(f"{SHAREGPT.title}, {LOADED_PLACES} places", fontsize=9)
    panels[1].legend(frameon=False)


EXPERIMENT = Experiment(
    "Batching",
    "Memory for all. A backlog for each number of places, six static batches long; figures are of "
    "the time in which somebody waits. Continuous is the reference's scheduler, with chunks of at "
    "most 2,048 tokens. Static is our own: a batch is computed until its longest request has "
    "ended. Padded, all rows are as long as the longest prompt and go on to the end, as in a "
    "rectangular tensor; not padded, nothing is computed that nobody needs.",
    measure,
    claims,
    tables,
    draw,
)
