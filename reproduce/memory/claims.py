"""The claims on memory, each with what the experiment showed for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reproduce.claim import PERCENT, TENTHS, TIMES, Claim, Figure, Row
from reproduce.memory.experiment import Run
from reproduce.memory.kinds import FIRST_FIT, MAX, ORACLE, PAGED, POW2
from reproduce.serving import Served

Measure = Callable[[Served], float]

AGAINST = {
    MAX.key: "room for the longest sequence (Orca Max)",
    POW2.key: "output to a power of two (Orca Pow2)",
    ORACLE.key: "true length known, buddy (Orca Oracle)",
    FIRST_FIT.key: "true length known, first fit",
}
"""Contiguous memories, by what they know about a request's length when it arrives."""


def memory_claims(runs: Sequence[Run]) -> list[Claim]:
    """Give the claims.

    Args:
        runs: every workload on every memory, with the same seeds.
    """
    wasted = tuple(_row(runs, key, _wasted) for key in AGAINST)
    return [
        Claim(
            "40–60 % of contiguous KV memory is wasted",
            "this course",
            0.40,
            0.60,
            PERCENT,
            "less is wasted",
            "more is wasted",
            "What is wasted depends on what the allocator knows. Room for the longest sequence "
            "wastes most of the memory on every workload. With the true length known, which no "
            "server has, what is left is buddy rounding and tokens that are still to come.",
            "contiguous memory with",
            wasted,
        ),
        Claim(
            "existing systems waste 60–80 % of KV memory",
            "vLLM blog, 20 June 2023; the paper has 20.4–38.2 % in use (§1, Fig. 2)",
            0.60,
            0.80,
            PERCENT,
            "less is wasted",
            "more is wasted",
            "It is the paper's figure for ShareGPT, where outputs are twice as long as prompts. "
            "Where prompts are long and outputs short, a request fills its room at once.",
            "contiguous memory with",
            wasted[:3],
        ),
        Claim(
            "paged memory is 95–98 % utilised",
            "this course; the paper has 96.3 % (Fig. 2)",
            0.95,
            0.98,
            TENTHS,
            "less is used",
            "more is used",
            "Of the blocks that requests hold, only the end of each last one is empty. Of the "
            "whole memory, the watermark is free too, and what the next request does not fit "
            "into: the longer the prompts, the more.",
            "paged memory",
            (
                Row("of the whole memory", _figures(runs, PAGED.key, lambda one: one.used)),
                Row("of the blocks in use", _figures(runs, PAGED.key, _of_blocks_in_use)),
            ),
        ),
        Claim(
            "paging wastes under 4 %",
            "vLLM blog, 20 June 2023",
            0.0,
            0.039,
            TENTHS,
            "less is wasted",
            "more is wasted",
            "It counts the ends of last blocks, at most one block a sequence (paper §4.3), and not "
            "the blocks that nobody uses at the moment.",
            "paged memory",
            (
                Row("of the whole memory", _figures(runs, PAGED.key, _wasted)),
                Row(
                    "of the blocks in use",
                    _figures(runs, PAGED.key, lambda one: 1 - _of_blocks_in_use(one)),
                ),
            ),
        ),
        Claim(
            "paging runs 2–3 times as many sequences side by side",
            "this course",
            2.0,
            3.0,
            TIMES,
            "fewer run",
            "more run",
            "The gain is the inverse of what the other memory wastes. Against room for the longest "
            "sequence it is larger than claimed, against a known length smaller.",
            "against contiguous memory with",
            tuple(_ratio_row(runs, key, lambda one: one.running) for key in AGAINST),
        ),
        Claim(
            "paging serves 2–4 times as many requests a second",
            "the paper's abstract, against FasterTransformer and Orca at equal latency; "
            "here a backlog, and time is a model (README.md)",
            2.0,
            4.0,
            TIMES,
            "fewer are served",
            "more are served",
            "More sequences side by side share the reading of the weights. They do not share the "
            "computing of prompts, and that takes most of the time where they are long: in code.",
            "against contiguous memory with",
            tuple(_ratio_row(runs, key, lambda one: one.throughput) for key in AGAINST),
        ),
    ]


def _wasted(served: Served) -> float:
    return served.wasted


def _of_blocks_in_use(served: Served) -> float:
    return served.used / (served.used + served.reservation + served.internal)


def _figures(runs: Sequence[Run], memory: str, measure: Measure) -> dict[str, Figure]:
    return {
        each.workload: Figure.of([measure(one) for one in each.served])
        for each in runs
        if each.memory == memory
    }


def _row(runs: Sequence[Run], memory: str, measure: Measure) -> Row:
    return Row(AGAINST[memory], _figures(runs, memory, measure))


def _ratio_row(runs: Sequence[Run], memory: str, measure: Measure) -> Row:
    """Give how many times as much paged memory reaches, seed by seed."""
    paged = {each.workload: each.served for each in runs if each.memory == PAGED.key}
    figures = {}
    for each in runs:
        if each.memory == memory:
            pairs = zip(paged[each.workload], each.served, strict=True)
            ratios = [measure(one) / measure(other) for one, other in pairs]
            figures[each.workload] = Figure.of(ratios)
    return Row(AGAINST[memory], figures)
