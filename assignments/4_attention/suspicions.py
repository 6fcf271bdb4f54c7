"""What attention gives if one mistake is made on purpose: the mistakes that students make."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from autograder.paged_batch.draw import Array, Batch
from autograder.paged_batch.spec import BatchSpec

Bools = NDArray[np.bool_]
Sees = Callable[[NDArray[np.int64], int, int, int], Bools]
TILES = (16, 32, 64, 128)
"""Keys that kernels take at once."""
SPLITS = (2, 4, 8, 16, 32)
"""Parts that long contexts are cut into."""


def _upto(shift: int) -> Sees:
    return lambda own, length, computed, block: np.arange(length) <= own[:, None] + shift


def _softmax(scores: Array) -> Array:
    highest = scores.max(axis=2, keepdims=True)
    weights = np.exp(scores - np.where(np.isfinite(highest), highest, 0))
    total = weights.sum(axis=2, keepdims=True)
    return np.asarray(weights / np.where(total > 0, total, 1.0))


@dataclass(frozen=True)
class Suspicion:
    """A mistake, in the words of a report, and the invariant that it breaks.

    Attributes:
        says: the mistake.
        invariant: that it breaks.
        sees: gives for each token (its position, its sequence's length and computed tokens, the
            block size) the keys that are attended to, as booleans [tokens, keys].
        scale: makes of the right scale the one that is taken.
        heads: the KV head of each query head, from their numbers and the group; None for the right.
        own_table: False if all sequences read the first row of the table.
        weigh: makes weights of scores [heads, tokens, keys]; -inf where a key is not seen.
    """

    says: str
    invariant: str
    sees: Sees = _upto(0)
    scale: Callable[[float], float] = lambda scale: scale
    heads: Callable[[int, int, int], NDArray[np.int64]] | None = None
    own_table: bool = True
    weigh: Callable[[Array], Array] = _softmax


def _without(keys: Callable[[NDArray[np.int64], int, int], Bools]) -> Sees:
    """What a token sees but for some keys, told by position, length and block size."""
    return lambda own, length, computed, block: (
        (np.arange(length) <= own[:, None]) & ~keys(np.arange(length), length, block)[None, :]
    )


def _parts(keys: int, tile: int, splits: int) -> list[slice]:
    """Where the parts lie that a long context is cut into: whole tiles, as many in each."""
    tiles = math.ceil(keys / tile)
    part = math.ceil(tiles / splits) * tile
    return [slice(at, at + part) for at in range(0, keys, part)]


def _summed(tile: int, splits: int, values: bool, total: bool) -> Callable[[Array], Array]:
    """The online softmax, in which values or the total, or both, are never rescaled."""

    def weigh(scores: Array) -> Array:
        highest = scores.max(axis=2, keepdims=True)
        kept, right = np.zeros_like(scores), np.nan_to_num(np.exp(scores - highest), nan=0.0)
        for part in _parts(scores.shape[2], tile, splits):
            mine = scores[:, :, part]
            starts = np.arange(0, mine.shape[2], tile)
            maxima = np.maximum.accumulate(np.maximum.reduceat(mine, starts, axis=2), axis=2)
            so_far = maxima.repeat(np.diff([*starts, mine.shape[2]]), axis=2)
            late = so_far[:, :, -1:] - highest
            kept[:, :, part] = np.nan_to_num(np.exp(mine - so_far + late), nan=0.0)
        below = (kept if total else right).sum(axis=2, keepdims=True)
        return np.asarray((kept if values else right) / np.where(below > 0, below, 1.0))

    return weigh


def _averaged(tile: int, splits: int) -> Callable[[Array], Array]:
    """Parts that are merged as if each held as much weight."""

    def weigh(scores: Array) -> Array:
        parts = [_softmax(scores[:, :, part]) for part in _parts(scores.shape[2], tile, splits)]
        return np.asarray(np.concatenate(parts, axis=2) / len(parts))

    return weigh


def _of_tiles() -> Iterator[Suspicion]:
    """What depends on how many keys a kernel takes at once."""
    for tile, splits in product(TILES, (1, 2, 4, 8)):
        for what, values, total in (
            ("weighted values and total are", True, True),
            ("the weighted values are", True, False),
            ("the total is", False, True),
        ):
            says = f"{what} not rescaled when the maximum grows (tiles of {tile} keys)"
            yield Suspicion(says, "I1", weigh=_summed(tile, splits, values, total))
    for tile in (*TILES[1:], 256):
        yield Suspicion(
            f"keys behind the last multiple of {tile} are missing: a count is rounded down",
            "I6",
            _without(lambda at, length, block, tile=tile: at >= length // tile * tile),
        )
    for tile, splits in product((64, 32, 128, 16), SPLITS):
        says = f"{splits} parts are averaged, whatever they weigh (tiles of {tile} keys)"
        yield Suspicion(says, "I3", weigh=_averaged(tile, splits))


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
    Suspicion("the first key is missing", "I6", _without(lambda at, length, block: at == 0)),
    Suspicion(
        "keys in a last block that is not full are missing",
        "I6",
        _without(lambda at, length, block: at >= length // block * block),
    ),
    Suspicion(
        "the first half of the keys is missing",
        "I6",
        _without(lambda at, length, block: at < length // 2),
    ),
    Suspicion("the scores are not scaled", "I9", scale=lambda scale: 1.0),
    Suspicion("the scores are scaled twice", "I9", scale=lambda scale: scale**2),
    Suspicion(
        "powers of two are taken for those of e, and the scores are not converted",
        "I9",
        scale=lambda scale: scale * float(np.log(2.0)),
    ),
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
    *_of_tiles(),
)


def attended(spec: BatchSpec, batch: Batch, wrong: Suspicion) -> Array:
    """What comes out if one mistake is made; NaN where it reads what nobody holds."""
    out = np.full(batch.query.shape, np.nan)
    group, scale = spec.group, wrong.scale(batch.scale)
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
        sees = wrong.sees(own, length, computed, spec.block_size)
        scores = np.where(sees, np.einsum("thd,khd->htk", query, keys) * scale, -np.inf)
        out[first : first + computed] = np.einsum("htk,khd->thd", wrong.weigh(scores), values)
    return out
