"""A chain of decode steps, and the result that it must have."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from kernel_lanes.problem import Problem, expected

KEPT = 0.5
"""Share of the last output in the next query. More, and rounding errors grow from step to step."""
SIZE = 2.0
"""Standard deviation of the queries, as in `problem.build`."""
REWRITTEN = 8
"""Slots that get another token's key and value in each step."""

Attend = Callable[..., torch.Tensor]
Write = Callable[..., object]


@dataclass(frozen=True, eq=False)
class Step:
    """What comes from outside in one step: noise for the query, and what is written where.

    Attributes:
        noise: of the query's shape.
        keys, values: [slots, KV heads, head size].
        slots: [slots], int64.
    """

    noise: torch.Tensor
    keys: torch.Tensor
    values: torch.Tensor
    slots: torch.Tensor


def steps(problem: Problem, seed: int, count: int) -> list[Step]:
    """The steps that a seed gives, on the problem's device and in its dtype.

    They are made before the clock starts; the seed is revealed only then.
    """
    random = torch.Generator().manual_seed(seed)
    device, dtype = problem.query.device, problem.query.dtype
    held = problem.readable.flatten().nonzero().flatten()
    size = (min(REWRITTEN, held.numel()), *problem.key_cache.shape[2:])
    made = []
    for _ in range(count):
        noise = torch.randn(problem.query.shape, generator=random)
        keys, values = torch.randn(size, generator=random), torch.randn(size, generator=random)
        slots = held[torch.randperm(held.numel(), generator=random)[: size[0]]]
        parts = (noise.to(dtype), keys.to(dtype), values.to(dtype) + 0.5, slots)
        made.append(Step(*(part.to(device) for part in parts)))
    return made


def run(attend: Attend, write: Write, problem: Problem, taken: list[Step]) -> torch.Tensor:
    """Do the steps on the problem's own caches; give the last output."""
    query, out = problem.query, torch.empty(0)
    for step in taken:
        out = replace(problem, query=query).run(attend)
        write(step.keys, step.values, problem.key_cache, problem.value_cache, step.slots)
        query = next_query(out, step.noise)
    return out


def right(problem: Problem, taken: list[Step], device: str = "cpu") -> torch.Tensor:
    """What `run` gives, in float64 and on a device. The problem is left as it is."""
    names = ("block_table", "seq_lens", "query_start_loc", "query", "key_cache", "value_cache")
    moved = {name: getattr(problem, name).to(device, copy=True) for name in names}
    keys, values = moved["key_cache"], moved["value_cache"]
    here = replace(problem, **{**moved, "query": moved["query"].double()})
    out = here.query
    for step in taken:
        out = expected(here)
        keys.flatten(0, 1)[step.slots.to(device)] = step.keys.to(device)
        values.flatten(0, 1)[step.slots.to(device)] = step.values.to(device)
        here = replace(here, query=next_query(out, step.noise.double().to(device)))
    return out


def next_query(out: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """A query of known size that depends on every number of the last output."""
    wide = out.to(torch.promote_types(out.dtype, torch.float32))
    normed = wide * (wide.square().mean(-1, keepdim=True) + 1e-6).rsqrt()
    mixed = KEPT * normed + math.sqrt(1 - KEPT**2) * noise
    return (SIZE * mixed).to(out.dtype)
