"""Stand-in of stage 3 for the stages above it. Right where it is used properly, and no more."""

from collections.abc import Sequence

import torch

Six = tuple[int, int, int, int, int, int]
AXES = NHD = ("layer", "kv", "block", "offset", "head", "dim")
HND = ("layer", "kv", "block", "head", "offset", "dim")


class KVCacheLayout:
    def __init__(self, shape: Six, strides: Six) -> None:
        self.shape, self.strides = shape, strides

    @classmethod
    def contiguous(cls, shape: Six, order: Sequence[str] = NHD) -> "KVCacheLayout":
        strides = [1] * 6
        for i in range(6):
            for j in range(6):
                if order.index(AXES[j]) > order.index(AXES[i]):
                    strides[i] = strides[i] * shape[j]
        a, b, c, d, e, f = strides
        return cls(shape, (a, b, c, d, e, f))

    def view(self, storage: torch.Tensor) -> torch.Tensor:
        return storage.as_strided(self.shape, self.strides)
