"""The caches of a runner as numbers, and what is done to them behind its back.

Memory is filled with NaN at first, and so is every block that nobody holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from autograder.protocol.plain import Json

TAMPERED = 3.0
"""What the values of a slot become that the judge tampers with."""


class Memory:
    """Watches the caches of a runner: a number for each slot, layer, and K or V."""

    def __init__(self, runner: Any, shape: Any) -> None:
        self._runner = runner
        self._weights = weights(shape.num_key_value_heads, shape.head_dim)
        for name in ("kv_cache", "host_kv_cache"):
            cache = getattr(runner, name)
            if type(cache) is not torch.Tensor or cache.dim() != 6:
                raise TypeError(f"{name} is no tensor of 6 axes")
            cache.fill_(torch.nan)

    def show(self) -> Mapping[str, Json]:
        """Both caches: by block and offset, one number a layer and K or V; None for NaN."""
        return {name: self._prints(name) for name in ("kv_cache", "host_kv_cache")}

    def shape(self) -> Json:
        """Shape and dtype of both."""
        caches = [self._runner.kv_cache, self._runner.host_kv_cache]
        return [[list(cache.shape), str(cache.dtype)] for cache in caches]

    def poison(self, held: Sequence[int]) -> None:
        """Fill all blocks but these with NaN."""
        cache = self._runner.kv_cache
        free = [block for block in range(cache.shape[2]) if block not in set(held)]
        cache[:, :, free] = torch.nan

    def tamper(self, block: int, offset: int) -> None:
        """Change the values of one slot in all layers."""
        self._runner.kv_cache[:, 1, block, offset] = TAMPERED

    def _prints(self, name: str) -> Json:
        cache = getattr(self._runner, name)
        prints = (cache * self._weights).sum((-1, -2)).permute(2, 3, 0, 1).flatten(2)
        return [
            [None if slot[0] != slot[0] else [round(x, 4) for x in slot] for slot in block]
            for block in prints.tolist()
        ]


def weights(heads: int, size: int) -> Any:
    """By head and dimension: what makes one number of a key or a value."""
    return torch.arange(1.0, heads * size + 1).mul(0.7).cos().view(heads, size)
