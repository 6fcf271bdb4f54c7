"""The generator stays where it was when it was held against the real traces."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from workload.arrivals import Bursts, Drifting
from workload.check import band_of, compare, compare_recorded
from workload.generate import generate
from workload.lengths import Lengths
from workload.model import Model, fitted, load_model
from workload.statistics import describe

SEEDS = (0, 11, 12)
CHECKED = Path(__file__).parents[2] / "workload/CHECKED.md"


def out_of_band(model: Model) -> set[str]:
    return {row.name for row in compare_recorded(model, (0, 1)) if not row.holds}


@pytest.mark.parametrize("name", fitted())
def test_every_seed_meets_the_recorded_statistics(name: str) -> None:
    rows = compare_recorded(load_model(name), SEEDS)
    assert [f"{row.name}: {row.real} {row.generated}" for row in rows if not row.holds] == []
    assert all(band_of(name, row.name).kind or band_of(name, row.name).why_not for row in rows)


@pytest.mark.parametrize("name", fitted())
def test_the_recorded_result_is_that_of_this_generator(name: str) -> None:
    section = CHECKED.read_text(encoding="utf-8").split(f"## {name}\n")[1].split("## ")[0]
    rows = [re.split(r" *\| *", line)[1:-1] for line in section.splitlines() if " | " in line]
    heads, *cells = rows
    recorded = {row[0]: row for row in cells}
    model = load_model(name)
    assert "NO" not in section and int(heads[-3].removeprefix("seed ")) >= 4
    for statistic, value in describe(generate(model, seed=0), model.beyond).items():
        assert float(recorded[statistic][2]) == pytest.approx(value, rel=0.01, abs=0.002)
        assert float(recorded[statistic][1]) == pytest.approx(model.recorded[statistic], rel=1e-3)


@pytest.mark.parametrize(
    ("name", "caught_by"),
    [
        ("azure_conv", {"dispersion_10s", "dispersion_60s"}),
        ("azure_code", {"gap_cv", "dispersion_1s", "dispersion_60s", "busiest_5%"}),
        ("mooncake_conversation", {"dispersion_60s"}),
    ],
)
def test_arrivals_of_one_rate_are_too_smooth(name: str, caught_by: set[str]) -> None:
    model = load_model(name)
    smooth = replace(model, arrivals=Drifting((model.recorded["rate"] * 60,)))
    assert caught_by <= out_of_band(smooth)


def test_bursts_without_tempo_or_long_silences_are_too_smooth() -> None:
    model = load_model("azure_code")
    assert isinstance(model.arrivals, Bursts)
    assert "dispersion_1s" in out_of_band(replace(model, arrivals=replace(model.arrivals, tempo=0)))
    short = replace(model.arrivals, mean_silence=model.arrivals.mean_silence / 2)
    assert {"rate", "gap_cv"} & out_of_band(replace(model, arrivals=short))


def test_lengths_that_do_not_drift_are_told_from_those_that_do() -> None:
    model = load_model("azure_conv")
    assert "output_drift" in out_of_band(replace(model, output=Lengths(model.output.table)))


def test_sessions_that_go_on_too_long_are_caught() -> None:
    model = load_model("mooncake_conversation")
    assert model.sessions is not None
    longer = replace(model.sessions, goes_on=tuple(p * 1.15 for p in model.sessions.goes_on))
    assert {"turn_1", "hits_unlimited"} <= out_of_band(replace(model, sessions=longer))


def test_a_trace_of_another_kind_is_out_of_band() -> None:
    chat, code = load_model("azure_conv"), load_model("azure_code")
    wrong = {row.name for row in compare(chat, generate(code, seed=5), (0,)) if not row.holds}
    assert {"ks_prompt", "ks_output", "rate", "gap_cv", "output_mean"} <= wrong
