"""Performance: the tracker's costs beside 10^3 and 10^5 live blocks, and what it keeps."""

from __future__ import annotations

from typing import Any

from autograder.judge.rules import Judge, rule

LIVE = {"event": (1_008, 100_008), "memory": (100_008,)}
"""Blocks in use at either size: the live ones and 8 leaks."""


def verify(case: str, outputs: Any) -> str:
    """Say what is wrong with what a slice of work showed, or ""."""
    if case in LIVE:
        used, shared = outputs
        return "" if used in LIVE[case] and shared == 0 else f"usage {outputs} after {case}"
    if case == "query":
        used, peak, mean, median, most = outputs
        right = used in LIVE["event"] and used <= peak <= used + 1 and 0 < mean <= 1
        right = right and 0 < median <= most <= 100
        return "" if right else f"used, peak, mean and percentiles {outputs}"
    names = {name for name, _ in outputs}
    blocks = {block for _, block in outputs}
    right = len(outputs) == len(blocks) == 8 and names == {f"leak{block}" for block in blocks}
    return "" if right else f"leaks {outputs}"[:200]


@rule("6.P1")
def test_an_event_costs_the_same_beside_any_number_of_live_blocks(judge: Judge) -> None:
    judge.measure(("event",), verify)


@rule("6.P2")
def test_a_query_costs_the_same_after_any_number_of_events(judge: Judge) -> None:
    judge.measure(("event", "query"), verify)


@rule("6.P3")
def test_a_leak_report_costs_what_leaks(judge: Judge) -> None:
    judge.measure(("leaks",), verify)


@rule("6.P4")
def test_nothing_is_kept_of_what_is_over(judge: Judge) -> None:
    judge.measure(("memory",), verify)
