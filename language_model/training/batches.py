"""Which tokens a training step sees: windows of the text, each once an epoch, in seeded order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Windows:
    """Batches of windows, as a pure function of the batch's number: so a run can be resumed.

    Attributes:
        tokens: the text, `[n]`.
        length: tokens a window, which the model predicts from those before them.
        batch: windows a batch.
        seed: of the order, and of where the first window of an epoch begins.
    """

    tokens: NDArray[np.uint16]
    length: int
    batch: int
    seed: int

    def __getitem__(self, number: int) -> Tensor:
        """Give batch `number`, from 0: int64 `[batch, length + 1]`."""
        an_epoch = (len(self.tokens) - 1 - self.length) // self.length // self.batch
        epoch, place = divmod(number, an_epoch)
        random = np.random.default_rng([self.seed, self.length, epoch])
        start = int(random.integers(self.length))
        order = random.permutation(an_epoch * self.batch)
        chosen = order[place * self.batch : (place + 1) * self.batch]
        index = start + chosen[:, None] * self.length + np.arange(self.length + 1)
        return torch.from_numpy(self.tokens[index].astype(np.int64))
