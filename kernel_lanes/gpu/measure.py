"""Takes the time of a kernel beside a reference, on a device, by the caller's clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from kernel_lanes.gpu import chain
from kernel_lanes.gpu.timing import Turn, Verdict, order_of, seconds_a_step, sets_of, verdict
from kernel_lanes.problem import Problem, build
from kernel_lanes.shapes import PagedShape
from kernel_lanes.traffic import minimum

TURNS = 9
SHORT, LONG = 8, 64
ALLOWED = 0.02
"""Largest difference at a chain's end, of outputs of size 1 to 3; rounding does a tenth of it."""

Clock = Callable[[], float]


class WrongResult(Exception):
    """The chain did not end where it must: its time means nothing."""


@dataclass(frozen=True)
class Device:
    """Where it runs. `settle` waits for all that has been begun there, on whatever stream."""

    name: str
    settle: Callable[[], None]
    cache_bytes: int


@dataclass(frozen=True)
class Functions:
    """A submission's or a reference's two functions."""

    attend: chain.Attend
    write: chain.Write


def cuda() -> Device:
    """The first CUDA device.

    Raises:
        RuntimeError: there is none.
    """
    if not torch.cuda.is_available():
        raise RuntimeError("there is no CUDA device")
    properties = torch.cuda.get_device_properties(0)
    return Device("cuda:0", torch.cuda.synchronize, int(properties.L2_cache_size))


def measure(
    kernel: Functions,
    reference: Functions,
    shape: PagedShape,
    device: Device,
    clock: Clock,
    seeds: Sequence[int],
    lengths: tuple[int, int] = (SHORT, LONG),
) -> Verdict:
    """Time a kernel against a reference on a decode batch; one turn for each seed.

    Raises:
        WrongResult: a timed chain of the kernel's gave something else than it must.
    """
    least = minimum(shape).moved
    problems = [
        on(build(shape, seed), device) for seed in range(sets_of(least, device.cache_bytes))
    ]
    turns = []
    for number, (seed, first) in enumerate(zip(seeds, order_of(len(seeds), 0), strict=True)):
        problem = problems[number % len(problems)]
        times = {}
        for mine in (first, not first):
            functions = kernel if mine else reference
            times[mine] = _step_seconds(functions, problem, device, clock, seed, lengths)
        turns.append(Turn(times[True], times[False]))
    return verdict(turns, least, bandwidth(device, least, clock))


def on(problem: Problem, device: Device) -> Problem:
    """The problem's tensors on a device."""
    names = ("query", "key_cache", "value_cache", "block_table", "seq_lens", "query_start_loc")
    return replace(problem, **{name: getattr(problem, name).to(device.name) for name in names})


def bandwidth(device: Device, size: int, clock: Clock) -> float:
    """Bytes a second of a plain copy of `size` bytes, read and written; the best of five."""
    source = torch.zeros(max(1, size // 2), dtype=torch.uint8, device=device.name)
    target = torch.empty_like(source)
    best = 0.0
    for _ in range(5):
        device.settle()
        start = clock()
        target.copy_(source)
        device.settle()
        best = max(best, 2 * source.numel() / max(clock() - start, 1e-9))
    return best


def _step_seconds(
    functions: Functions,
    problem: Problem,
    device: Device,
    clock: Clock,
    seed: int,
    lengths: tuple[int, int],
) -> float:
    """Seconds of a step, from a short and a long chain whose ends are both checked."""
    seconds = []
    for length in lengths:
        fresh = replace(
            problem, key_cache=problem.key_cache.clone(), value_cache=problem.value_cache.clone()
        )
        taken = chain.steps(fresh, seed, length)
        device.settle()
        start = clock()
        out = chain.run(functions.attend, functions.write, fresh, taken)
        device.settle()
        seconds.append(clock() - start)
        _check(out, problem, taken)
    try:
        return seconds_a_step(seconds[0], seconds[1], lengths[0], lengths[1])
    except ValueError as error:
        raise WrongResult(f"steps take no time: {error}") from None


def _check(out: torch.Tensor, problem: Problem, taken: list[chain.Step]) -> None:
    wanted = chain.right(problem, taken)
    if type(out) is not torch.Tensor or out.shape != wanted.shape:
        raise WrongResult("the last output has another shape")
    away = float((out.double().cpu() - wanted).abs().max())
    if not away <= ALLOWED:
        raise WrongResult(f"the last output is off by {away:.2g}")
