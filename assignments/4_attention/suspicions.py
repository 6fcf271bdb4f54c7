"""Mistakes that are often made in attention, and what comes out if one is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from autograder.paged_batch.draw import Array, Batch
from autograder.paged_batch.spec import BatchSpec

Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]
TILES = (16, 32, 64, 128)
"""Keys that kernels like to take at once."""
PARTS = (*range(64, 513, 64), 1024)
"""Keys that kernels like to give to one part of a sequence."""


def softmax(scores: Array, values: Array) -> Array:
    """The softmax over all keys: scores [heads, tokens, keys], values [keys, heads, dims]; zeros
    where no key is seen."""
    weights = np.exp(scores - _finite(scores.max(axis=2, keepdims=True)))
    return _divided(weights, weights, values)


def _finite(highest: Array) -> Array:
    return np.where(np.isfinite(highest), highest, 0.0)


def _divided(weights: Array, summed: Array, values: Array) -> Array:
    total = summed.sum(axis=2, keepdims=True)
    return np.einsum("htk,khd->thd", weights / np.where(total > 0, total, 1.0), values)


def _tiled(tile: int, values_kept: bool, sum_kept: bool) -> Callable[[Array, Array], Array]:
    """An online softmax that does not rescale the values, or the sum, as the maximum grows."""

    def compute(scores: Array, values: Array) -> Array:
        keys = scores.shape[2]
        tiles = np.maximum.reduceat(scores, np.arange(0, keys, tile), axis=2)
        highest = np.maximum.accumulate(tiles, axis=2)
        old = np.exp(scores - _finite(highest)[:, :, np.arange(keys) // tile])
        new = np.exp(scores - _finite(highest[:, :, -1:]))
        return _divided(old if values_kept else new, old if sum_kept else new, values)

    return compute


def _in_parts(part: int, averaged: bool) -> Callable[[Array, Array], Array]:
    """Parts that are merged as if each held as much weight."""

    def compute(scores: Array, values: Array) -> Array:
        starts = range(0, scores.shape[2], part)
        cut = [slice(start, start + part) for start in starts]
        out = sum(softmax(scores[:, :, one], values[one]) for one in cut)
        some = sum(np.isfinite(scores[:, :, one]).any(axis=2).T for one in cut)
        return out / np.maximum(some, 1)[:, :, None] if averaged else np.asarray(out)

    return compute


@dataclass(frozen=True)
class Suspicion:
    """A mistake, in the words of a report, and the invariant that it breaks.

    Attributes:
        sees: for tokens at these positions, in a sequence of so many keys and computed tokens, in
            blocks of this size: which keys they attend to, [tokens, keys].
        scaled: the scale that the scores get.
        heads: for so many heads and KV heads: the KV head that each reads.
        slots: for a row of the block table, positions and the size of a block: the slot of each.
        own_table: False if all sequences go by the first row of the block table.
        softmax: what is made of scores and values.
    """

    says: str
    invariant: str
    sees: Callable[[Integers, int, int, int], Bools] | None = None
    scaled: Callable[[float], float] = float
    heads: Callable[[int, int], Integers] | None = None
    slots: Callable[[Integers, Integers, int], Integers] | None = None
    own_table: bool = True
    softmax: Callable[[Array, Array], Array] = softmax


def _upto(shift: int) -> Callable[[Integers, int, int, int], Bools]:
    return lambda own, length, computed, block: np.arange(length) <= own[:, None] + shift


def _but(lost: Callable[[int, int], tuple[int, int]]) -> Callable[[Integers, int, int, int], Bools]:
    """All keys up to a token's own, but for those from one to another."""

    def sees(own: Integers, length: int, computed: int, block: int) -> Bools:
        first, last = lost(length, block)
        keys = np.arange(length)
        return (keys <= own[:, None]) & ~((keys >= first) & (keys < last))

    return sees


def _blocks_of(size: int) -> Callable[[Integers, Integers, int], Integers]:
    return lambda row, at, block: row[np.minimum(at // size, len(row) - 1)] * block + at % size


SUSPICIONS = (
    Suspicion("each token misses its own key: < where <= is meant", "I6", _upto(-1)),
    Suspicion("each token sees one key too many: the causal limit is off by one", "I6", _upto(1)),
    Suspicion(
        "each token sees all keys of its sequence: there is no causal mask",
        "I6",
        lambda own, length, computed, block: np.ones((len(own), length), bool),
    ),
    Suspicion(
        "positions are counted in the chunk: the context before it is forgotten",
        "I6",
        lambda own, length, computed, block: (
            np.arange(length) <= (own - (length - computed))[:, None]
        ),
    ),
    Suspicion("the first key is missing", "I6", _but(lambda length, block: (0, 1))),
    Suspicion(
        "keys in a last block that is not full are missing",
        "I6",
        _but(lambda length, block: (length // block * block, length)),
    ),
    Suspicion("the scores are not scaled", "I9", scaled=lambda scale: 1.0),
    Suspicion("the scores are scaled twice", "I9", scaled=lambda scale: scale * scale),
    Suspicion(
        "the weights are powers of 2, not of e: exp2(x) is exp(x log 2)",
        "I9",
        scaled=lambda scale: scale * log(2),
    ),
    Suspicion(
        "query head h reads KV head h % KV heads, not h // group",
        "I7",
        heads=lambda heads, kv_heads: np.arange(heads) % kv_heads,
    ),
    Suspicion(
        "all query heads read KV head 0",
        "I7",
        heads=lambda heads, kv_heads: np.zeros(heads, dtype=np.int64),
    ),
    Suspicion("all sequences read row 0 of the block table", "I8", own_table=False),
    Suspicion("blocks of 16 are taken for granted", "I8", slots=_blocks_of(16)),
    Suspicion("the logical block is taken for the physical one", "I8", slots=lambda row, at, _: at),
    *(
        Suspicion(f"{what} rescaled when the maximum grows", "I1", softmax=_tiled(tile, *kept))
        for what, kept in (
            ("the sum is not", (False, True)),
            ("the values are not", (True, False)),
            ("neither the sum nor the values are", (True, True)),
        )
        for tile in TILES
    ),
    *(
        Suspicion(
            f"parts of the keys are {how} as if each weighed as much as the others: their"
            " lse says how much",
            "I3",
            softmax=_in_parts(part, averaged),
        )
        for how, averaged in (("averaged", True), ("added up", False))
        for part in PARTS
    ),
)


def attended(spec: BatchSpec, batch: Batch, wrong: Suspicion) -> tuple[Array, Bools]:
    """What comes out if one mistake is made, and which tokens then see no key at all.

    The output is NaN where what nobody holds would be read.
    """
    out = np.full(batch.query.shape, np.nan)
    empty = np.zeros(len(out), dtype=bool)
    heads = np.arange(spec.num_heads) // spec.group
    if wrong.heads is not None:
        heads = wrong.heads(spec.num_heads, spec.num_kv_heads)
    flat = [one.reshape(-1, *one.shape[2:]) for one in (batch.keys, batch.values)]
    held = batch.held.ravel()
    for sequence, (length, computed) in enumerate(zip(spec.seq_lens, spec.query_lens, strict=True)):
        positions = np.arange(length)
        row = batch.table[sequence if wrong.own_table else 0].astype(np.int64)
        slots = (wrong.slots or _blocks_of(spec.block_size))(row, positions, spec.block_size)
        there = (slots >= 0) & (slots < len(held))
        if not computed or not there.all() or not held[slots].all():
            continue
        keys, values = (one[slots][:, heads] for one in flat)
        rows = slice(spec.starts[sequence], spec.starts[sequence] + computed)
        own = length - computed + np.arange(computed)
        sees = (wrong.sees or _upto(0))(own, length, computed, spec.block_size)
        scores = np.einsum("thd,khd->htk", batch.query[rows], keys) * wrong.scaled(batch.scale)
        out[rows] = wrong.softmax(np.where(sees, scores, -np.inf), values)
        empty[rows] = ~sees.any(axis=1)
    return out, empty
