"""The recorded results on serving: complete, drawn from the data, and found again by running."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

import reproduce  # noqa: F401  makes the reference importable
from reproduce.backlogs import AZURE_CHAT, AZURE_CODE
from reproduce.recorded import HERE, recorded_points, recorded_text
from reproduce.scheduling.all import SERVING
from reproduce.scheduling.batching import SERVERS, run_server
from reproduce.scheduling.chunk_runs import PROMISES, run_way
from reproduce.scheduling.costs import COSTS
from reproduce.scheduling.experiment import FULL, report
from reproduce.scheduling.jobs import backlog, open_loop
from reproduce.scheduling.log import figures
from reproduce.scheduling.paging import CONTIGUOUS, PAGED, run_memory
from reproduce.scheduling.points import Point, pick, to_json, values
from reproduce.scheduling.queues import LOADS, PARTS

POINTS = {name: recorded_points(name) for name in SERVING}


def assert_found_again(now: Mapping[str, float], then: Point) -> None:
    for name, value in now.items():
        assert then.figures[name] == pytest.approx(value, rel=1e-6, abs=1e-9), name


@pytest.mark.parametrize("name", SERVING)
def test_the_data_are_read_as_written_and_every_claim_is_told(name: str) -> None:
    assert to_json(POINTS[name]) == recorded_text(name)
    told = report(SERVING[name], POINTS[name])
    for claim in told.claims:
        assert claim.source and claim.why.endswith(".") and claim.rows
        assert any(claim.text in line for line in told.lines)


@pytest.mark.parametrize("name", SERVING)
def test_the_plot_shows_what_is_compared(name: str) -> None:
    text = (HERE / f"{name}.svg").read_text(encoding="utf-8")
    titles = {title for label in ("workload", "cost") for title in values(POINTS[name], label)}
    assert all(title in text for title in titles)


def test_batching_is_found_again() -> None:
    jobs = backlog(AZURE_CODE, FULL.requests // 2, 0)
    for server in SERVERS:
        then = pick(
            POINTS["batching"], workload=AZURE_CODE.title, places=16, server=server, seed=0
        )[0]
        assert_found_again(figures(run_server(server, jobs, 16)), then)


def test_memory_under_load_is_found_again() -> None:
    jobs = backlog(AZURE_CODE, FULL.requests * 2 // 3, 0)
    for memory in (*CONTIGUOUS, PAGED):
        of = {"workload": AZURE_CODE.title, "memory": memory, "kind": "backlog"}
        found = figures(run_memory(memory, jobs, AZURE_CODE.max_model_len))
        assert_found_again(found, pick(POINTS["paging"], **of)[0])


def test_chunks_are_found_again() -> None:
    borne = pick(POINTS["chunks"], workload=AZURE_CODE.title, way="512", promise="5 steps")
    assert borne[0].figures["rate"] > 0
    runs = [one for one in POINTS["chunks"] if "promise" not in one.labels]
    then = pick(runs, workload=AZURE_CODE.title, way="512", seed=0)[0]
    jobs = open_loop(AZURE_CODE, FULL.requests, 0, 1.0)
    assert len(jobs) == then.figures["requests"]
    assert sum(job.num_tokens - 1 for job in jobs) == then.figures["computed_tokens"]
    assert run_way("512", jobs[:3]).steps[0].tokens == min(512, len(jobs[0].prompt))


def test_every_experiment_has_all_its_points() -> None:
    assert len(values(POINTS["chunks"], "promise")) == len(PROMISES)
    assert values(POINTS["costs"], "cost") == list(COSTS)
    assert values(POINTS["queues"], "load") == [str(load) for load in LOADS]
    for name in ("batching", "chunks", "queues"):
        assert values(POINTS[name], "seed") == [str(seed) for seed in FULL.seeds]


def test_littles_law_held_in_every_recorded_log() -> None:
    batched = pick(POINTS["queues"], places="all")
    assert max(one.figures[f"apart_{part}"] for one in batched for part in PARTS) < 1e-9


def test_in_every_recorded_run_the_same_was_served_whatever_the_server() -> None:
    for name, labels in (
        ("batching", ("workload", "places", "seed")),
        ("paging", ("workload",)),
        ("preemption", ()),
        ("prefixes", ("workload",)),
    ):
        served: dict[tuple[str, ...], set[tuple[float, float]]] = {}
        for point in POINTS[name]:
            if (
                "output_tokens" in point.figures
                and "load" not in point.labels
                or name == "prefixes"
            ):
                key = tuple(point.labels[label] for label in labels)
                found = (point.figures["requests"], point.figures["output_tokens"])
                served.setdefault(key, set()).add(found)
        assert served and all(len(each) == 1 for each in served.values())


def test_the_weaker_a_promise_the_more_is_borne_under_it() -> None:
    for workload in (AZURE_CHAT, AZURE_CODE):
        for way in ("512", "2048", "prompts first"):
            found = [
                pick(POINTS["chunks"], workload=workload.title, way=way, promise=promise)[0]
                for promise in PROMISES
            ]
            rates = [one.figures["rate"] for one in found]
            assert rates == sorted(rates)
