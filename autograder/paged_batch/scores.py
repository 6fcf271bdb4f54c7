"""Scores and values for the online softmax, in tiles. numpy alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

KINDS = ("plain", "large", "masked", "rising")
"""`large`: scores up to 1e4, of both signs. `masked`: whole tiles are masked for some rows, and one
row as a whole. `rising`: each tile's scores lie above all before: everything is rescaled."""


@dataclass(frozen=True)
class SoftmaxSpec:
    """Scores of some rows over keys that come in tiles.

    Attributes:
        tiles: number of keys of each.
        parts: 1 to take the tiles in order; more, to fold so many runs of tiles apart and merge.
        kind: one of KINDS.
        seed: makes the numbers.
    """

    tiles: tuple[int, ...]
    rows: int = 3
    head_size: int = 4
    parts: int = 1
    kind: str = "plain"
    seed: int = 0

    def changed(self) -> dict[str, Any]:
        """As JSON has it."""
        same = {"rows": self.rows, "head_size": self.head_size, "parts": self.parts}
        return {"tiles": list(self.tiles), **same, "kind": self.kind, "seed": self.seed}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SoftmaxSpec:
        """The inverse of `changed`."""
        return cls(**{**data, "tiles": tuple(data["tiles"])})


def draw_scores(
    spec: SoftmaxSpec,
) -> tuple[Sequence[NDArray[np.float32]], Sequence[NDArray[np.float32]]]:
    """Scores [rows, keys] and values [keys, head size] of each tile."""
    random = np.random.Generator(np.random.PCG64(spec.seed))
    scores, values = [], []
    for number, keys in enumerate(spec.tiles):
        tile = 3.0 * random.standard_normal((spec.rows, keys))
        if spec.kind == "large":
            tile *= 2000.0
        if spec.kind == "rising":
            tile += 40.0 * number
        if spec.kind == "masked":
            tile[number % spec.rows :: 2] = -np.inf
            tile[-1] = -np.inf
        scores.append(tile.astype(np.float32))
        values.append((random.standard_normal((keys, spec.head_size)) + 1.5).astype(np.float32))
    return scores, values


def exact_softmax(spec: SoftmaxSpec) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The output [rows, head size] and the log-sum-exp [rows], over all tiles at once."""
    tiles = draw_scores(spec)
    scores, values = (
        np.concatenate(part, axis=axis) for axis, part in ((1, tiles[0]), (0, tiles[1]))
    )
    scores, values = scores.astype(np.float64), values.astype(np.float64)
    highest = scores.max(axis=1, initial=-np.inf)
    weights = np.exp(scores - np.where(np.isfinite(highest), highest, 0.0)[:, None])
    total = weights.sum(axis=1)
    some = np.where(total > 0, total, 1.0)
    lse = np.where(total > 0, highest + np.log(some), -np.inf)
    return weights @ values / some[:, None], lse
