"""What a workload is: requests with their arrivals, lengths and shared blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class WorkloadError(Exception):
    """Something asked for or read cannot be used. One line: where, what, what to do."""


@dataclass(frozen=True)
class Request:
    """One request: arrival in seconds since the trace began, lengths in tokens.

    `blocks` names the blocks of its prompt, the partial last one included. Two requests begin with
    the same text as far as their blocks are equal. Empty where a trace does not tell.
    """

    arrival: float
    prompt_tokens: int
    output_tokens: int
    blocks: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Trace:
    """Requests in order of arrival, column by column.

    `arrivals` (float64, seconds, never falling), `prompt_tokens` and `output_tokens` (int64, at
    least 1) have one entry a request. `blocks` is empty, or has one tuple a request, of blocks of
    `block_tokens` tokens.
    """

    name: str
    arrivals: Floats
    prompt_tokens: Ints
    output_tokens: Ints
    blocks: tuple[tuple[int, ...], ...] = ()
    block_tokens: int = 0

    def __len__(self) -> int:
        return len(self.arrivals)

    def requests(self) -> Iterator[Request]:
        """Give the requests one by one, in plain numbers."""
        blocks = self.blocks or ((),) * len(self)
        columns = (self.arrivals.tolist(), self.prompt_tokens.tolist(), self.output_tokens.tolist())
        for arrival, prompt, output, shared in zip(*columns, blocks, strict=True):
            yield Request(arrival, prompt, output, shared)

    def between(self, start: int, stop: int) -> Trace:
        """Give the requests `start` to `stop - 1` as a trace of its own; arrivals stay."""
        return replace(
            self,
            arrivals=self.arrivals[start:stop],
            prompt_tokens=self.prompt_tokens[start:stop],
            output_tokens=self.output_tokens[start:stop],
            blocks=self.blocks[start:stop],
        )
