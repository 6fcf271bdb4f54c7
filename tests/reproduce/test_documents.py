"""What the documents say in figures about serving is what is recorded."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest

import reproduce  # noqa: F401  makes the reference importable
from reproduce.claim import Claim
from reproduce.recorded import HERE, recorded_points
from reproduce.scheduling.all import SERVING
from reproduce.scheduling.cost import H100_70B, KV_BYTES_70B, LAYERS_70B
from reproduce.scheduling.points import pick
from reproduce.scheduling.swapping import LINKS, crossing

TEXT = re.sub(r"\s+", " ", (HERE / "README.md").read_text(encoding="utf-8"))


def claims(name: str) -> list[Claim]:
    return SERVING[name].claims(recorded_points(name))


def means(claim: Claim, rows: str, columns: str = "") -> list[float]:
    """The figures in the rows and columns whose titles contain these words."""
    found = [
        figure.mean
        for row in claim.rows
        for title, figure in row.figures.items()
        if rows in row.against and columns in title
    ]
    assert found
    return found


def spans() -> Iterator[tuple[str, list[float]]]:
    """Sentences with places for the least and the greatest of some figures."""
    (static,), (paging,) = claims("batching"), claims("paging")
    yield "{:.1f}–{:.1f} times with 4 places", means(static, "4 places, prompts")[:3]
    yield "{:.1f}–{:.1f} times with 64; against", means(static, "64 places, prompts")
    yield "{:.1f}–{:.1f} times with 64. As", means(static, "64 places, no")
    yield "{:.1f} times against room for the longest", means(paging, "room", "ShareGPT")
    known = means(paging, "known", "ShareGPT") + means(paging, "known", "conversation")
    yield "{:.1f}–{:.1f} times against known lengths", known
    yield "nothing is gained ({:.1f}–{:.1f} times)", means(paging, "", "code")
    steadier, tpot, first = claims("chunks")[1:]
    yield "is {:.2f}–{:.2f} times that with whole prompts", means(steadier, "512")
    yield "first token {:.1f}–{:.1f} times", means(first, "512")
    yield "as it was on chat ({:.1f} times)", means(tpot, "", "conversation")
    promised = means(claims("chunks")[0], "chunks of 512")
    yield "from {:.1f} times to {:.1f} times, by promise", promised
    _, tokens = claims("prefixes")
    yield "load they come in {:.1f} times the time", means(tokens, "0.8", "agents")
    _, fluid, waits = claims("queues")
    yield "Poisson arrivals ({:.1f}–{:.1f} times)", means(waits, "", "Poisson")
    bursts = means(fluid, "", "bursts") + means(waits, "", "bursts")
    yield "by a factor of {:.0f} to {:.0f}", bursts
    costs = [point.figures for point in recorded_points("costs")]
    yield "moves between {:.1f} and {:.1f} times", [one["continuous"] for one in costs]
    yield "paging between {:.1f} and {:.1f}", [one["paged"] for one in costs]
    yield "serve between {:.2f} and {:.2f} times", [one["chunked"] for one in costs]


@pytest.mark.parametrize(("form", "values"), list(spans()), ids=lambda value: str(value)[:30])
def test_a_range_spans_the_recorded_figures(form: str, values: list[float]) -> None:
    assert form.format(min(values), max(values)) in TEXT
    assert form.count("{") == 2 or form.format(min(values)) == form.format(max(values))


def test_swapping_and_recomputing_differ_by_as_much_as_is_said() -> None:
    served = means(claims("preemption")[0], "blocks")
    assert "differ by at most 3 %" in TEXT
    assert max(abs(value - 1) for value in served) == pytest.approx(0.03, abs=0.005)
    full = pick(recorded_points("preemption"), block_size=16, mode="recompute")[0].figures
    assert full["preemptions"] / full["requests"] == pytest.approx(3 / 5, abs=0.05)
    at_25 = means(claims("preemption")[1], "blocks of 16", "25 GB/s")
    assert "they meet at about 25 GB/s" in TEXT and at_25 == pytest.approx([1.0], abs=0.05)


def test_the_crossing_is_where_it_is_said_to_be() -> None:
    sizes = [crossing(H100_70B, link, KV_BYTES_70B // 8, LAYERS_70B) for link in LINKS]
    assert f"blocks of {min(sizes):.0f} to {max(sizes):.0f}, far above" in TEXT


def test_the_fluid_model_is_right_as_far_as_is_said() -> None:
    fluid = claims("queues")[1]
    steady = [means(fluid, load, "chat")[0] for load in ("0.3", "0.5", "0.7")]
    assert "within a tenth for steady chat up to a load of 0.7, and wrong tenfold" in TEXT
    assert all(abs(value - 1) < 0.1 for value in steady)
    assert min(means(fluid, "", "bursts")) > 9


def test_every_plot_is_shown() -> None:
    assert all(f"({name}.svg)" in TEXT for name in ("memory", *SERVING))


def test_every_rule_that_is_named_is_one_of_stage_5() -> None:
    stage = HERE.parent / "assignments/5_scheduler/stage.toml"
    known = {rule["id"] for rule in tomllib.loads(stage.read_text(encoding="utf-8"))["rules"]}
    named = re.findall(r"\b5\.(?:P\d|\d+)\b", TEXT.partition("## What this means")[2])
    assert len(named) > 10 and set(named) <= known
