"""Queueing theory against measurement: Little's law, the fluid model, Pollaczek-Khinchine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pagedlab.capacity import mean_wait_fcfs
from pagedlab.queueing import Part, predict
from pagedlab.queueing import largest_rate as most_work
from reproduce.claim import TIMES, Claim, Row, Unit
from reproduce.claim_text import section
from reproduce.scheduling.bench import AMPLE, Setup, serve
from reproduce.scheduling.cost import A100_13B, alone_seconds
from reproduce.scheduling.experiment import Experiment, Panels, Size, Tell
from reproduce.scheduling.jobs import Job, lengths, paced
from reproduce.scheduling.log import mean
from reproduce.scheduling.points import Point, figure, pick, values
from reproduce.scheduling.queue_log import ARRIVALS, apart, arriving, little
from reproduce.tables import table

MORE = 4
"""Times as many requests as elsewhere, for means to settle."""
LOADS = (0.3, 0.5, 0.7, 0.85)
MANY = 1 << 20
"""Tokens in a step that are never used up."""
PARTS: tuple[Part, ...] = ("system", "queue", "service")
BILLIONTHS = Unit(1e9, 3, " · 10⁻⁹", " · 10⁻⁹")


def measure(size: Size, tell: Tell) -> list[Point]:
    """For every kind and load: serve with places for all, then one request at a time."""
    points = []
    for kind in ARRIVALS:
        tell(f"queues: {kind}")
        for seed in size.seeds:
            jobs = arriving(kind, MORE * size.requests, seed)
            for load in LOADS:
                labels = {"kind": kind, "load": str(load), "seed": str(seed)}
                points += [
                    Point({**labels, "places": "all"}, _batched(jobs, load)),
                    Point({**labels, "places": "one"}, _one_by_one(jobs, load)),
                ]
    return points


def _batched(jobs: Sequence[Job], load: float) -> dict[str, float]:
    rate = load * most_work(lengths(jobs), A100_13B)
    log = serve(paced(jobs, rate), Setup(slots=AMPLE, tokens=MANY, seqs=len(jobs)))
    predicted = predict(rate, lengths(jobs), A100_13B)
    found = {part: little(log, part) for part in PARTS}
    measured = found["system"].mean_seconds
    result = {"predicted": predicted.mean_seconds, "measured": measured}
    result["ratio"] = measured / predicted.mean_seconds
    return result | {f"apart_{part}": apart(one) for part, one in found.items()}


def _one_by_one(jobs: Sequence[Job], load: float) -> dict[str, float]:
    services = [alone_seconds(*each, A100_13B) for each in lengths(jobs)]
    rate = load / mean(services)
    log = serve(paced(jobs, rate), Setup(slots=AMPLE, tokens=MANY, seqs=1))
    predicted, measured = mean_wait_fcfs(rate, services), little(log, "queue").mean_seconds
    return {"predicted": predicted, "measured": measured, "ratio": measured / predicted}


def _rows(points: Sequence[Point], places: str) -> tuple[Row, ...]:
    return tuple(
        Row(
            f"load {load}",
            {
                kind: figure(pick(points, kind=kind, load=load, places=places), "ratio")
                for kind in ARRIVALS
            },
        )
        for load in LOADS
    )


def claims(points: Sequence[Point]) -> list[Claim]:
    """Give the claims."""
    batched = pick(points, places="all")
    identity = tuple(
        Row(part, {kind: figure(pick(batched, kind=kind), f"apart_{part}") for kind in ARRIVALS})
        for part in PARTS
    )
    return [
        Claim(
            "Little's law holds in the log of a server, to nine digits",
            "Little 1961; stage 5, rule 5.30. Here: by how much L and λ W differ",
            0.0,
            1e-9,
            BILLIONTHS,
            "",
            "they differ",
            "It says nothing of Poisson, of order or of load: it is counting, and holds on every "
            "path that begins and ends empty. If it does not, the log is wrong.",
            "part of the server",
            identity,
        ),
        Claim(
            "the mean time of a request under continuous batching can be predicted within 10 %",
            "stage 5's fluid model (handout §5.8), with memory and budget for all. Here: measured "
            "over predicted",
            0.9,
            1.1,
            TIMES,
            "it is shorter",
            "it is longer",
            "The model knows means alone. A request that arrives is likelier to find a long step "
            "under way than a short one, and prompts make long steps: the longer the prompts "
            "beside the outputs, the sooner it fails. Bursts it does not know at all. Where it "
            "says too much, a run of 800 requests is too short to become steady.",
            "at",
            _rows(points, "all"),
        ),
        Claim(
            "the mean wait of one request at a time can be predicted within 10 %",
            "Pollaczek–Khinchine (stage 6, `mean_wait_fcfs`). Here: measured over predicted",
            0.9,
            1.1,
            TIMES,
            "it is shorter",
            "it is longer",
            "The formula is exact for Poisson arrivals and runs without end: what is missing there "
            "is sample size, and the more so the higher the load. Arrivals in bursts are another "
            "queue, and no formula that takes a rate and service times can know.",
            "at",
            _rows(points, "one"),
        ),
    ]


def tables(points: Sequence[Point]) -> Iterator[str]:
    """Give seconds, predicted and measured."""
    rows = []
    for kind in values(points, "kind"):
        for load in LOADS:
            cells = []
            for places in ("all", "one"):
                runs = pick(points, kind=kind, load=load, places=places)
                cells += [f"{figure(runs, name).mean:.3f} s" for name in ("predicted", "measured")]
            rows.append([kind, str(load), *cells])
    heads = ["arrivals", "load", "stay, all at once: predicted", "measured"]
    heads += ["wait, one at a time: predicted", "measured"]
    yield from section("Predicted and measured", table(heads, rows))


def draw(points: Sequence[Point], panels: Panels) -> None:
    """Draw what was measured over what was predicted."""
    pairs = (("all", "stay, all at once"), ("one", "wait, one at a time"))
    for panel, (places, title) in zip(panels, pairs, strict=True):
        for kind in values(points, "kind"):
            ratios = [
                figure(pick(points, kind=kind, load=load, places=places), "ratio").mean
                for load in LOADS
            ]
            panel.plot(LOADS, ratios, "-o", label=kind, markersize=4)
        panel.axhspan(0.9, 1.1, color="#dddddd", zorder=0)
        panel.set(yscale="log", xlabel="load", ylabel="measured / predicted")
        panel.set_title(title, fontsize=10)
    panels[0].legend(frameon=False, fontsize=8)


EXPERIMENT = Experiment(
    "Queues",
    "Requests with a sixteenth of the usual lengths, so that a run has 800 of them; "
    "budget, places and memory never run out. Load is the rate over the largest one that "
    "a server of endless steps bears; with one request at a time, the rate times the mean service.",
    measure,
    claims,
    tables,
    draw,
)
