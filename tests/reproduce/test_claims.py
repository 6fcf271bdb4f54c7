"""Verdicts are functions of figures; the words say where a claim does not hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

import reproduce  # noqa: F401  makes the reference importable
from reproduce.claim import PERCENT, TIMES, Claim, Figure, Row
from reproduce.claim_text import claim_lines
from reproduce.memory.claims import AGAINST, memory_claims
from reproduce.memory.experiment import MEMORIES, Run
from reproduce.serving import Served
from reproduce.tables import table


def figure(mean: float) -> Figure:
    return Figure(mean, mean - 0.01, mean + 0.01)


def row(*means: float) -> Row:
    return Row("x", {title: figure(mean) for title, mean in zip("ABC", means, strict=False)})


CLAIM = Claim("40–60 %", "me", 0.4, 0.6, PERCENT, "less", "more", "So it is.", "against", ())


def test_a_figure_sums_up_seeds() -> None:
    assert Figure.of([1.0, 4.0, 1.0]) == Figure(2.0, 1.0, 4.0)


@pytest.mark.parametrize(
    ("mean", "place"), [(0.5, 0), (0.4, 0), (0.6, 0), (0.396, 0), (0.394, -1), (0.606, 1)]
)
def test_figures_are_compared_as_they_are_shown(mean: float, place: int) -> None:
    assert CLAIM.place(figure(mean)) == place


@pytest.mark.parametrize(
    ("means", "verdict", "exceptions"),
    [
        ((0.5, 0.5, 0.5), "holds", ""),
        ((0.7, 0.8, 0.9), "does not hold", "more everywhere"),
        ((0.1, 0.2, 0.3), "does not hold", "less everywhere"),
        ((0.1, 0.2, 0.9), "does not hold", "less on A and B; more on C"),
        ((0.5, 0.2, 0.9), "holds in part", "less on B; more on C"),
        ((0.5, 0.5, 0.9), "holds in part", "more on C"),
    ],
)
def test_a_verdict_says_where_it_does_not_hold(
    means: tuple[float, ...], verdict: str, exceptions: str
) -> None:
    assert CLAIM.verdict(row(*means)) == verdict
    assert CLAIM.exceptions(row(*means)) == exceptions


def test_a_claim_is_shown_with_source_marks_and_reason() -> None:
    claim = replace(CLAIM, rows=(row(0.5, 0.2, 0.9),))
    text = "\n".join(claim_lines(claim))
    assert "Source: me." in text and "So it is." in text and "- x: less on B; more on C" in text
    assert "50 % |" in text and "20 % ↓" in text and "90 % ↑" in text
    assert "As claimed in 1 of 3 cases; seeds differ by at most 2 points." in text


def served(used: float, running: float, seconds: float) -> Served:
    rest = 1 - used
    return Served(100, seconds, used, 0.25 * rest, 0.25 * rest, 0.0, 0.5 * rest, running, 0)


def runs() -> list[Run]:
    """Two workloads; paged memory holds and serves twice as much as all others."""
    result = []
    for workload in ("A", "B"):
        for memory in MEMORIES:
            pages = memory.key.startswith("paged")
            one = served(0.96, 20, 50) if pages else served(0.48, 10, 100)
            result.append(Run(workload, 2048, memory.key, 0, (one, one)))
    return result


def test_ratios_are_of_paged_memory_to_each_other_one() -> None:
    wasted, blog, utilised, under, more, faster = memory_claims(runs())
    assert [row.against for row in wasted.rows] == list(AGAINST.values())
    assert wasted.rows[0].figures["A"].mean == pytest.approx(0.52)
    assert utilised.rows[0].figures["B"].mean == pytest.approx(0.96)
    assert utilised.rows[1].figures["B"].mean == pytest.approx(0.96 / 0.98)
    assert under.rows[0].figures["A"].mean == pytest.approx(0.04)
    for claim in (more, faster):
        assert claim.rows[2].figures["A"].mean == pytest.approx(2)
        assert claim.held() == (8, 8)
    assert blog.held() == (0, 6)


def test_under_four_percent_does_not_take_four() -> None:
    under = memory_claims(runs())[3]
    assert under.place(figure(0.04)) == 1 and under.place(figure(0.0394)) == 0


def test_ratios_are_taken_seed_by_seed() -> None:
    changed = runs()
    fast, slow = served(0.5, 10, 100), served(0.5, 20, 100)
    changed[0] = replace(changed[0], served=(fast, slow))
    ratio = memory_claims(changed)[4].rows[0].figures["A"]
    assert (ratio.least, ratio.mean, ratio.most) == (1.0, 1.5, 2.0)
    assert TIMES.show(ratio.mean) == "1.50×"


def test_numbers_in_tables_stand_right() -> None:
    assert list(table(["a", "n"], [["x", "1 %"], ["yy", "10 %"]])) == [
        "| a  |    n |",
        "|----|-----:|",
        "| x  |  1 % |",
        "| yy | 10 % |",
    ]
