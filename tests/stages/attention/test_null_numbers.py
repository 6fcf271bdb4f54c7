"""No batch that a rule judges numbers by is right for numbers that nobody computed.

Whatever else such an answer lacks (launches, a tensor of its own): here its numbers alone speak, in
every batch of every lane.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache

import numpy as np

from autograder.paged_batch.costs import CASES
from autograder.paged_batch.draw import Array, Batch, decoy, draw
from autograder.paged_batch.exact import attention
from autograder.paged_batch.served import SERVED, mixed
from autograder.paged_batch.spec import BatchSpec
from autograder.paged_batch.tolerance import tolerances
from tests.stages.attention.bench import rule_programs

diagnosis = importlib.import_module("stage4.diagnosis")
operations = importlib.import_module("stage4.operations")
NULLS: Mapping[str, Callable[[BatchSpec, Batch, Array], Array]] = {
    "zeros": lambda spec, batch, exact: np.zeros_like(batch.query),
    "NaN": lambda spec, batch, exact: np.full_like(batch.query, np.nan),
    "a number": lambda spec, batch, exact: np.full_like(batch.query, np.nanmean(exact)),
    "the query": lambda spec, batch, exact: batch.query,
    "noise": lambda spec, batch, exact: np.random.default_rng(1).normal(size=batch.query.shape),
    "the mean of V": lambda spec, batch, exact: attention(
        spec, replace(batch, query=np.zeros_like(batch.query))
    ),
    "other numbers' answer": lambda spec, batch, exact: attention(spec, decoy(spec)),
}
ONE_KEY = ("a number", "the mean of V")
"""Nulls that may be the answer where every token sees its own key alone."""

DEAR, MOST_KEYS = ("the mean of V", "other numbers' answer"), 5_000
"""Nulls that take as long as the answer, and how large a batch they are tried in."""


@cache
def specs() -> set[BatchSpec]:
    """Of every rule of correctness and of performance, in the interpreter and as C."""
    programs = [program for found in rule_programs().values() for program, _ in found]
    ops = [op for program in programs for op in program if op.name == "attend"]
    counted = [spec for spec in CASES.values() if isinstance(spec, BatchSpec)]
    return {*map(operations.batch_of, ops), *counted, *SERVED.values(), mixed(0)}


def nulls(spec: BatchSpec) -> Iterator[str]:
    """Those that are asked of one batch."""
    keys = [n for n, queries in zip(spec.seq_lens, spec.query_lens, strict=True) if queries]
    yield from set(NULLS) - set(ONE_KEY * (max(keys) == 1)) - set(DEAR * (sum(keys) > MOST_KEYS))


def test_numbers_that_nobody_computed_are_wrong_in_every_batch() -> None:
    passed = []
    for spec in specs():
        batch, allowed = draw(spec), tolerances()[spec.dtype]
        exact = attention(spec, batch)
        for name in nulls(spec):
            null = NULLS[name](spec, batch, exact)
            if not diagnosis.wrong_elements(null, exact, allowed).any():
                passed.append((name, spec))
    assert passed == []


def test_there_are_batches_of_every_lane() -> None:
    found = specs()
    assert len(found) > 50 and set(SERVED.values()) <= found
