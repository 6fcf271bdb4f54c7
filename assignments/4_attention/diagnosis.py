"""Names the pattern in a wrong output: which elements are wrong, and what would explain them.

Each suspicion is computed: the batch is attended to once more with one mistake made on purpose. If
that gives the wrong output, the mistake is very likely the student's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograder.paged_batch.draw import Array, Batch
from autograder.paged_batch.spec import BatchSpec
from autograder.paged_batch.tolerance import Tolerance

Bools = NDArray[np.bool_]


MOST_KEYS = 1 << 14
"""Of a batch: in a larger one suspicions take too long, and smaller ones show the same mistakes."""


@dataclass(frozen=True)
class Suspicion:
    """A mistake, in the words of a report, and the invariant that it breaks.

    `sees` gives for each token (its position, its sequence's length and computed tokens) the keys
    that are attended to, as a boolean [tokens, keys]; None for the right ones.
    """

    says: str
    invariant: str
    sees: Callable[[NDArray[np.int64], int, int, int], Bools] | None = None
    scaled: float = 1.0
    heads: Callable[[int, int, int], NDArray[np.int64]] | None = None
    own_table: bool = True


def _upto(shift: int) -> Callable[[NDArray[np.int64], int, int, int], Bools]:
    return lambda own, length, computed, block: np.arange(length) <= own[:, None] + shift


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
    Suspicion(
        "the first key is missing",
        "I6",
        lambda own, length, computed, block: (
            (np.arange(length) <= own[:, None]) & (np.arange(length) > 0)
        ),
    ),
    Suspicion(
        "keys in a last block that is not full are missing",
        "I6",
        lambda own, length, computed, block: (
            (np.arange(length) <= own[:, None]) & (np.arange(length) < length // block * block)
        ),
    ),
    Suspicion("the scores are not scaled", "I9", scaled=0.0),
    Suspicion("the scores are scaled twice", "I9", scaled=2.0),
    Suspicion(
        "query head h reads KV head h % KV heads, not h // group",
        "I7",
        heads=lambda heads, kv_heads, group: np.arange(heads) % kv_heads,
    ),
    Suspicion(
        "all query heads read KV head 0",
        "I7",
        heads=lambda heads, kv_heads, group: np.zeros(heads, dtype=np.int64),
    ),
    Suspicion("all sequences read row 0 of the block table", "I8", own_table=False),
)


def wrong_elements(seen: Array, exact: Array, tolerance: Tolerance) -> Bools:
    """Where an output is off by more than its dtype explains; NaN in the exact one asks nothing."""
    allowed = tolerance.absolute + tolerance.relative * np.abs(exact)
    with np.errstate(invalid="ignore"):
        right = np.abs(seen - exact) <= allowed
    return ~right & ~np.isnan(exact)


def attended(spec: BatchSpec, batch: Batch, wrong: Suspicion) -> Array:
    """What comes out if one mistake is made; NaN where it reads what nobody holds."""
    out = np.full(batch.query.shape, np.nan)
    group, scale = spec.group, batch.scale**wrong.scaled
    heads = np.arange(spec.num_heads) // group
    if wrong.heads is not None:
        heads = wrong.heads(spec.num_heads, spec.num_kv_heads, group)
    for sequence, (length, computed) in enumerate(zip(spec.seq_lens, spec.query_lens, strict=True)):
        if not computed:
            continue
        positions = np.arange(length)
        blocks = batch.table[sequence if wrong.own_table else 0, positions // spec.block_size]
        if not np.isin(blocks, np.arange(len(batch.held))).all():
            continue
        keys, values = (
            one[blocks, positions % spec.block_size][:, heads] for one in (batch.keys, batch.values)
        )
        first = spec.starts[sequence]
        query = batch.query[first : first + computed]
        own = length - computed + np.arange(computed)
        sees = (wrong.sees or _upto(0))(own, length, computed, spec.block_size)
        scores = np.where(sees, np.einsum("thd,khd->htk", query, keys) * scale, -np.inf)
        highest = scores.max(axis=2, keepdims=True)
        weights = np.exp(scores - np.where(np.isfinite(highest), highest, 0))
        total = weights.sum(axis=2, keepdims=True)
        weights = weights / np.where(total > 0, total, 1.0)
        out[first : first + computed] = np.einsum("htk,khd->thd", weights, values)
    return out


def explain(
    spec: BatchSpec, batch: Batch, seen: Array, exact: Array, tolerance: Tolerance
) -> tuple[str, str]:
    """The invariant that is broken, and the pattern in words."""
    wrong = wrong_elements(seen, exact, tolerance)
    asked = ~np.isnan(exact)
    for suspicion in SUSPICIONS if sum(spec.seq_lens) <= MOST_KEYS else ():
        guess = attended(spec, batch, suspicion)
        comparable = asked & ~np.isnan(guess)
        if not (comparable & wrong).any() or (wrong & ~comparable).any():
            continue
        if not (wrong_elements(seen, guess, tolerance) & comparable).any():
            return suspicion.invariant, suspicion.says
    return "I6", "; ".join(_where(spec, seen, wrong, asked))


def _where(spec: BatchSpec, seen: Array, wrong: Bools, asked: Bools) -> Iterator[str]:
    """Which part of the output is wrong, axis by axis."""
    if np.isnan(seen[wrong]).all():
        yield (
            "NaN: nothing was written there, or poison was read (an unused slot, or no `other`), or"
            " the code around the kernels computed with what they had left"
        )
    elif not seen[asked].any():
        yield "zeros: nothing was written"
    share = int(wrong.sum()), int(asked.sum())
    yield f"wrong in {share[0]:,} of {share[1]:,} elements"
    tokens = np.flatnonzero(wrong.any(axis=(1, 2)))
    of_token = np.repeat(np.arange(len(spec.query_lens)), spec.query_lens)
    sequences = sorted(set(of_token[tokens].tolist()))
    if len(sequences) < sum(1 for one in spec.query_lens if one):
        named = ", ".join(f"{one} (length {spec.seq_lens[one]})" for one in sequences[:5])
        yield f"only in sequence {named}"
    if len(spec.query_lens) < spec.num_tokens and len(tokens) < spec.num_tokens:
        first = tokens[0] - spec.starts[of_token[tokens[0]]]
        yield f"first in computed token {first} of its sequence"
    for axis, name, size in ((1, "head", spec.num_heads), (2, "dim", spec.head_size)):
        others = tuple({0, 1, 2} - {axis})
        found = np.flatnonzero(wrong.any(axis=others))
        if len(found) < size:
            yield f"only in {name} {_few(found.tolist())}"


def _few(numbers: list[int]) -> str:
    if len(numbers) > 6 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers[:6])) + (", ..." if len(numbers) > 6 else "")
