"""Rule 4.P10: time on a GPU, by the judge's clock. It has not been run on a GPU yet.

Chains of decode steps and copies take turns, each in a worker of its own; the one that copies
holds no student code, and says where each chain must end. A cost is the time of a step in multiples
of the time of a copy that moves the bytes which the step must move: what the machine is, and how
fast its clocks run today, cancels.
"""

from __future__ import annotations

import glob
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.judge.clock import Budget
from autograder.judge.worker import Worker
from autograder.paged_batch.tensors_as_bytes import NoTensor, from_text
from kernel_lanes.gpu.timing import Turn, Verdict, order_of, seconds_a_step, verdict

MODULE = "autograder.paged_batch.gpu_lane"
PRELOAD = ("torch", "triton", MODULE)
BUDGET = Budget(cpu_seconds=120.0, wall_seconds=300.0, memory_bytes=64 << 30)
DEVICES = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools")
TURNS, SHORT, LONG = 9, 8, 64
ALLOWED = 0.02
"""Largest difference at a chain's end, of outputs of size 1 to 3; rounding does a tenth of it."""
LEAST = 0.7
"""A copy reads and writes, a step reads alone, which a memory may do somewhat faster."""

Ask = Callable[..., Any]
"""Has a worker do one thing: a function's name and its arguments."""


class WrongEnd(Exception):
    """A timed chain did not end where it must: its time means nothing."""


@dataclass(frozen=True)
class Bench:
    """What the turns are taken between, and the clock."""

    kernel: Ask
    clean: Ask
    clock: Callable[[], float]
    lengths: tuple[int, int] = (SHORT, LONG)


def asking(worker: Worker) -> Ask:
    """Ask a worker for functions of its part."""

    def ask(function: str, **args: Any) -> Any:
        call = {"module": MODULE, "function": function, "args": args}
        return worker.request("call", call, BUDGET)

    return ask


def devices() -> tuple[str, ...]:
    """The files of the GPUs' driver."""
    return (*sorted(glob.glob("/dev/nvidia[0-9]*")), *DEVICES)


def turns(bench: Bench, seeds: Sequence[int]) -> list[Turn]:
    """Take turns, one for each seed, in an order that nobody can foresee.

    Raises:
        WrongEnd: a chain ended elsewhere, or took no time.
    """
    taken = []
    for seed, first in zip(seeds, order_of(len(seeds), seeds[0]), strict=True):
        times = {}
        for mine in (first, not first):
            times[mine] = _chain(bench, seed) if mine else _copies(bench)
        taken.append(Turn(times[True], times[False]))
    return taken


def judged(taken: Sequence[Turn]) -> Verdict:
    """What turns say together; the ratio is the cost."""
    return verdict(taken, 1, 1.0)


def _chain(bench: Bench, seed: int) -> float:
    seconds = []
    for steps in bench.lengths:
        bench.kernel("ready_chain", seed=seed, steps=steps)
        start = bench.clock()
        out = bench.kernel("go")
        seconds.append(bench.clock() - start)
        _check(out, bench.clean("right", seed=seed, steps=steps))
    return _a_step(seconds, bench.lengths)


def _copies(bench: Bench) -> float:
    seconds = []
    for times in bench.lengths:
        bench.clean("ready_copies", times=times)
        start = bench.clock()
        bench.clean("go")
        seconds.append(bench.clock() - start)
    return _a_step(seconds, bench.lengths)


def _a_step(seconds: Sequence[float], lengths: tuple[int, int]) -> float:
    try:
        return seconds_a_step(seconds[0], seconds[1], *lengths)
    except ValueError as error:
        raise WrongEnd(f"steps take no time: {error}") from None


def _check(out: Any, wanted: Any) -> None:
    right = from_text(wanted).numbers
    try:
        shown = from_text(out)
    except NoTensor as other:
        raise WrongEnd(f"the chain ends with {other}") from None
    if shown.numbers.shape != right.shape:
        raise WrongEnd(f"the chain ends with {list(shown.numbers.shape)}")
    away = float(np.abs(shown.numbers - right).max())
    if not away <= ALLOWED:
        raise WrongEnd(f"the last output of a chain is off by {away:.2g}")
