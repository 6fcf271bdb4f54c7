"""What is recorded is what this repository measures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import reproduce  # noqa: F401  makes the reference importable
from reproduce.backlogs import AZURE_CODE, SHAREGPT, WORKLOADS, generated
from reproduce.memory.claims import memory_claims
from reproduce.memory.details import PAPER
from reproduce.memory.experiment import FULL, MEMORIES, serve
from reproduce.memory.plot import draw
from reproduce.memory.results import Results, from_json, to_json
from reproduce.recorded import recorded_reports
from reproduce.results import results_text

FOLDER = Path(__file__).parents[2] / "reproduce"
TEXT = (FOLDER / "memory.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def recorded() -> Results:
    return from_json(TEXT)


def test_the_data_are_complete_and_read_as_written(recorded: Results) -> None:
    assert to_json(recorded) == TEXT
    assert (recorded.requests, recorded.seeds) == (FULL.requests, FULL.seeds)
    pairs = {(run.workload, run.memory) for run in recorded.main}
    assert pairs == {(w.title, m.key) for w in WORKLOADS for m in MEMORIES}
    assert all(len(run.served) == len(FULL.seeds) for run in (*recorded.main, *recorded.real))


def test_the_results_are_drawn_from_the_data(recorded: Results) -> None:
    assert (FOLDER / "RESULTS.md").read_text(encoding="utf-8") == results_text(recorded_reports())
    plot = (FOLDER / "memory.svg").read_text(encoding="utf-8")
    assert all(workload.title in plot for workload in WORKLOADS)


def test_serving_again_gives_the_recorded_figures(recorded: Results) -> None:
    by_key = {(run.workload, run.memory): run for run in recorded.main}
    backlog = generated(AZURE_CODE, FULL.requests, FULL.seeds[:1])[0]
    for memory in MEMORIES:
        now, then = serve(backlog, memory), by_key[AZURE_CODE.title, memory.key].served[0]
        assert now.requests == then.requests and now.preemptions == then.preemptions
        for name in ("seconds", "used", "reservation", "internal", "external", "free", "running"):
            assert getattr(now, name) == pytest.approx(getattr(then, name), rel=1e-6, abs=1e-9)


def test_the_papers_figure_comes_out(recorded: Results) -> None:
    for run in recorded.main:
        if run.workload == SHAREGPT.title and run.memory in PAPER:
            used = [one.used for one in run.served]
            assert sum(used) / len(used) == pytest.approx(PAPER[run.memory], abs=0.035)


def test_generated_traces_stand_for_real_ones(recorded: Results) -> None:
    made = {(run.workload, run.memory): run for run in recorded.main}
    assert len({run.workload for run in recorded.real}) == 2
    for run in recorded.real:
        other = made[run.workload, run.memory]
        pair = [sum(one.used for one in each.served) / 3 for each in (run, other)]
        assert pair[0] == pytest.approx(pair[1], abs=0.035)


def test_every_claim_has_a_source_a_reason_and_a_figure_for_each_workload(
    recorded: Results,
) -> None:
    claims = memory_claims(recorded.main)
    assert len(claims) == 6
    for claim in claims:
        assert claim.source and claim.why.endswith(".")
        assert all(set(row.figures) == {w.title for w in WORKLOADS} for row in claim.rows)
    assert 0 < sum(claim.held()[0] for claim in claims) < sum(claim.held()[1] for claim in claims)


def test_the_documents_figures_are_the_recorded_ones(recorded: Results) -> None:
    """Each range in README.md that goes with a claim spans the figures it speaks of."""
    text = re.sub(r"\s+", " ", (FOLDER / "README.md").read_text(encoding="utf-8"))
    wasted, _, utilised, _, more, faster = memory_claims(recorded.main)

    def ends(*figures: float) -> tuple[float, float]:
        return min(figures), max(figures)

    def means(claim: object, *rows: int) -> list[float]:
        return [f.mean for at in rows for f in claim.rows[at].figures.values()]  # type: ignore[attr-defined]

    azure = [means(utilised, 0)[at] for at in (1, 2)]
    spans = [
        ("{:.0f}–{:.0f} % wasted", ends(*means(wasted, 0)), 100),
        ("round ({:.0f}–{:.0f} %)", ends(*means(wasted, 3)), 100),
        ("{:.0f}–{:.0f} % of the memory", ends(*azure), 100),
        ("({:.1f}–{:.1f} times)", ends(*means(more, 0)), 1),
        ("lengths ({:.1f}–{:.1f})", ends(*means(more, 2, 3)), 1),
    ]
    for form, (least, most), factor in spans:
        assert form.format(least * factor, most * factor) in text
    assert min(means(utilised, 1)) > 0.98
    share, code = means(faster, 0)[0], means(faster, 0)[2]
    assert f"serve {share:.0f} times as many a second" in text
    assert f"serve {code:.1f} times as many" in text


def test_the_same_runs_give_the_same_plot(recorded: Results, tmp_path: Path) -> None:
    for name in ("a", "b"):
        svg, png = draw(recorded.main, tmp_path, name)
        assert png.read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
