"""Paged against contiguous KV memory of one size, under the reference's scheduler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.simulator import CostModel
from reproduce.backlogs import WORKLOADS, Workload
from reproduce.claim import TIMES, Claim, Row
from reproduce.claim_text import section
from reproduce.machine import NUM_SLOTS
from reproduce.memory.claims import AGAINST
from reproduce.memory.kinds import MAX, ORACLE, POW2, WATERMARK, Memory
from reproduce.scheduling.bench import Setup, serve
from reproduce.scheduling.capacity import largest_rate
from reproduce.scheduling.cost import A100_13B, alone_seconds
from reproduce.scheduling.experiment import Experiment, Panels, Size, Tell
from reproduce.scheduling.jobs import Job, backlog, lengths, open_loop
from reproduce.scheduling.log import Log, figures, mean, sustained
from reproduce.scheduling.points import Point, pick, ratio, values
from reproduce.scheduling.reserving import ReservingManager
from reproduce.tables import table

PAGED = "paged"
CONTIGUOUS: dict[str, Memory] = {memory.key: memory for memory in (MAX, POW2, ORACLE)}
PATIENCE = 2.0
"""The promise: a token takes at most so many times as long, on average, as on an idle server."""


def run_memory(memory: str, jobs: Sequence[Job], longest: int, cost: CostModel = A100_13B) -> Log:
    """Serve jobs on one kind of memory."""
    if memory == PAGED:
        return serve(jobs, Setup(cost, watermark=WATERMARK))
    outputs = {job.name: job.output for job in jobs}

    def reserving() -> KVCacheManager:
        return ReservingManager(CONTIGUOUS[memory].build(NUM_SLOTS, longest), outputs)

    return serve(jobs, Setup(cost, manager=reserving))


def idle_latency(jobs: Sequence[Job], cost: CostModel) -> float:
    """Give the mean seconds a token if each job had the server to itself, in one chunk."""
    return mean([alone_seconds(*each, cost) / each[1] for each in lengths(jobs)])


def measure(size: Size, tell: Tell) -> list[Point]:
    """For every workload and memory: a backlog, then the rates that show how much it bears."""
    points = []
    for workload in WORKLOADS:
        for memory in (*CONTIGUOUS, PAGED):
            tell(f"rates: {workload.title}, {memory}")
            points += _bearable(workload, memory, size)
    return points


def _bearable(workload: Workload, memory: str, size: Size) -> list[Point]:
    seed, labels = size.seeds[0], {"workload": workload.title, "memory": memory}
    requests = size.requests * 2 // 3
    waiting = backlog(workload, requests, seed)
    found = figures(run_memory(memory, waiting, workload.max_model_len))
    bound = PATIENCE * idle_latency(waiting, A100_13B)
    most = sustained(found)
    points = [Point({**labels, "kind": "backlog"}, {"most": most, **found})]

    def strain(rate: float) -> float:
        jobs = open_loop(workload, requests, seed, rate)
        found = figures(run_memory(memory, jobs, workload.max_model_len))
        points.append(Point({**labels, "kind": "rate"}, {"rate": rate, **found}))
        return found["latency"] / bound

    borne = largest_rate(strain, most / 2, most)
    return [*points, Point({**labels, "kind": "borne"}, {"rate": borne, "bound": bound})]


def claims(points: Sequence[Point]) -> list[Claim]:
    """Give the claims."""
    return [
        Claim(
            "paging bears 2–3 times the load with the same memory",
            "this course (2–3 times); vLLM paper: 2–4 times at equal latency (abstract), on "
            "ShareGPT 1.7–2.7 times Orca (Oracle) and 2.7–8 times Orca (Max) (§6.2). Here: the "
            f"largest rate at which a token takes at most {PATIENCE:.0f} times as long as on an "
            "idle server, or the rate of a backlog if that is less",
            2.0,
            3.0,
            TIMES,
            "less is gained",
            "more is gained",
            "More requests run side by side, and share the reading of the weights, until prompts "
            "or the reading of KV take the time. Against room for the longest sequence the gain "
            "is what was wasted there; against known lengths little is left of it. Where prompts "
            "take the time, nothing is gained: who runs beside them waits for them, and the more "
            "run, the more wait.",
            "against contiguous memory with",
            tuple(_row(points, memory, "borne", "rate") for memory in CONTIGUOUS),
        )
    ]


def _row(points: Sequence[Point], memory: str, kind: str, name: str) -> Row:
    found = {}
    for workload in values(points, "workload"):
        pair = [pick(points, workload=workload, memory=one, kind=kind) for one in (PAGED, memory)]
        found[workload] = ratio(pair[0], pair[1], name)
    return Row(AGAINST[memory], found)


def tables(points: Sequence[Point]) -> Iterator[str]:
    """Give what each memory bears, and what it does with a backlog."""
    rows = []
    for borne in pick(points, kind="borne"):
        workload, memory = borne.labels["workload"], borne.labels["memory"]
        waiting = pick(points, workload=workload, memory=memory, kind="backlog")[0].figures
        preempted = 1000 * waiting["preemptions"] / waiting["requests"]
        title = CONTIGUOUS[memory].title if memory in CONTIGUOUS else "paged, blocks of 16"
        cells = [f"{borne.figures['rate']:.2f}", f"{borne.figures['bound']:.3f} s"]
        cells += [f"{waiting['most']:.2f}", f"{waiting['loaded_running']:.1f}"]
        rows.append([workload, title, *cells, f"{preempted:.0f}"])
    heads = ["workload", "memory", "requests a second borne", "at seconds a token"]
    heads += ["of a backlog", "running", "preemptions in 1,000 requests"]
    yield from section("What each memory bears", table(heads, rows))
    yield from (
        "",
        "Where that is what is served of a backlog, the run was too short to break the promise.",
    )


def draw(points: Sequence[Point], panels: Panels) -> None:
    """Draw latency over rate, a panel for each workload."""
    for panel, workload in zip(panels, values(points, "workload"), strict=True):
        for memory in values(points, "memory"):
            runs = [
                each.figures for each in pick(points, workload=workload, memory=memory, kind="rate")
            ]
            runs.sort(key=lambda run: run["rate"])
            title = CONTIGUOUS[memory].title if memory in CONTIGUOUS else "paged"
            pairs = [[run[name] for run in runs] for name in ("rate", "latency")]
            panel.plot(*pairs, "-o", label=title, markersize=4)
        bound = pick(points, workload=workload, kind="borne")[0].figures["bound"]
        panel.axhline(bound, color="#888888", linestyle=":")
        panel.set(yscale="log", xlabel="requests a second", ylabel="mean seconds a token")
        panel.set_title(workload, fontsize=10)
    panels[0].legend(frameon=False, fontsize=7)


EXPERIMENT = Experiment(
    "Paged memory under load",
    "The reference's scheduler, on 15,728 slots of KV memory each time. Contiguous memories are "
    "those of stage 6, reserved on admission; paged memory has blocks of 16, keeps 1 % free on "
    "admission, and recomputes whom it preempts. Requests arrive in the workload's pattern, the "
    "same ones in the same order at every rate.",
    measure,
    claims,
    tables,
    draw,
    panels=3,
)
