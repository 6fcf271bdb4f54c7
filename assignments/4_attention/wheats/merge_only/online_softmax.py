"""Stage 4, solved otherwise: a tile is a state of its own, and everything is merging."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class SoftmaxState:
    """What is known of each query row after some of its keys."""

    maximum: torch.Tensor
    total: torch.Tensor
    weighted: torch.Tensor


def start(num_rows: int, head_size: int) -> SoftmaxState:
    """The state before the first key."""
    nothing = torch.zeros(num_rows, head_size)
    return SoftmaxState(torch.full((num_rows,), -torch.inf), torch.zeros(num_rows), nothing)


def update(state: SoftmaxState, scores: torch.Tensor, values: torch.Tensor) -> SoftmaxState:
    """Take in one tile of keys."""
    highest = scores.max(dim=1).values
    weights = torch.nan_to_num(torch.exp(scores - highest[:, None]), nan=0.0)
    return merge(state, SoftmaxState(highest, weights.sum(1), weights @ values.float()))


def merge(one: SoftmaxState, other: SoftmaxState) -> SoftmaxState:
    """Put together what was found over two parts of the keys."""
    maximum = torch.stack([one.maximum, other.maximum]).amax(0)
    factors = [torch.nan_to_num(torch.exp(p.maximum - maximum), nan=0.0) for p in (one, other)]
    total = one.total * factors[0] + other.total * factors[1]
    weighted = one.weighted * factors[0][:, None] + other.weighted * factors[1][:, None]
    return SoftmaxState(maximum, total, weighted)


def finish(state: SoftmaxState) -> tuple[torch.Tensor, torch.Tensor]:
    """The attention output, and the log-sum-exp of the scores."""
    lse = state.maximum + torch.log(state.total)
    empty = state.total == 0
    out = torch.where(empty[:, None], 0.0, state.weighted / state.total[:, None])
    return out, torch.where(empty, -torch.inf, lse)
