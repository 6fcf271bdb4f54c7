"""What a kernel's machine code costs, as far as counts can say. Pure: facts come from a worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.judge.clock import Budget
from autograder.paged_batch.costs import CASES
from kernel_lanes.facts import KernelFacts
from kernel_lanes.record import BadRecord

ASK = ("autograder.paged_batch.compiled", "facts")
PRELOAD = ("kernel_lanes.compile_mode", "torch", "triton", ASK[0])
PRELOAD += ("autograder.paged_batch.in_the_worker", "autograder.paged_batch.fast_lane")
BUDGET = Budget(cpu_seconds=60.0, wall_seconds=240.0, memory_bytes=3 << 30)
CALLS = ("decode", "prefill", "write")
NO_TENSOR_CORES, NARROW_LOADS, SPILLED_BYTES, MOST_SPILLED = 3.0, 3.0, 64.0, 3.0
"""What is lost: without tensor cores; if all loads are narrow; for each so many bytes spilled."""

Facts = Mapping[str, Sequence[KernelFacts]]


def read_facts(reply: Any) -> Facts:
    """By call: each kernel and target.

    Raises:
        BadRecord: the worker said something else.
    """
    if not isinstance(reply, dict) or not set(CALLS) <= set(reply):
        raise BadRecord("not the calls that were asked for")
    if not all(isinstance(reply[call], list) for call in CALLS):
        raise BadRecord("not kernels")
    return {call: [KernelFacts.from_plain(one) for one in reply[call]] for call in CALLS}


def launched(reply: Any) -> Mapping[str, Any]:
    """What is launched, when kernels are compiled, for batches that are also run: by case.

    Raises:
        BadRecord: the worker said something else.
    """
    found = reply.get("launched") if isinstance(reply, dict) else None
    if not isinstance(found, dict) or not found or not set(found) <= set(CASES):
        raise BadRecord("not the launches that were asked for")
    return found


def first_error(facts: Facts) -> str:
    """Why something does not compile, or "" if all does, and there is something."""
    for call in CALLS:
        if not facts[call]:
            return f"{call}: no kernel was launched"
        for one in facts[call]:
            if one.error:
                return f"{call}, for {one.target}: {one.error}"
    return ""


TIMED = ("decode", "prefill")
"""Calls that count: a write is short beside them."""


def loss(facts: Facts) -> float:
    """1 for kernels that lose nothing, and more for each thing that costs a GPU time: the mean
    over decode and prefill and both machines."""
    return round(1.0 + sum(losses(facts).values()), 3)


def losses(facts: Facts) -> dict[str, float]:
    """What is lost, by what it is lost for: means, as for `loss`."""
    found = [
        _losses([one for one in facts[call] if one.target == target])
        for call in TIMED
        for target in sorted({one.target for one in facts[call]})
    ]
    names = list(_losses([]))
    return {name: sum(one[name] for one in found) / max(1, len(found)) for name in names}


def _losses(kernels: Sequence[KernelFacts]) -> dict[str, float]:
    """Of the kernels that one call launches, on one machine."""
    wide, narrow = (
        sum(getattr(one, name) for one in kernels) for name in ("loads_wide", "loads_narrow")
    )
    spilled = sum(one.spill_stores + one.spill_loads for one in kernels)
    without = not any(one.tensor_core for one in kernels)
    return {
        "without tensor cores": NO_TENSOR_CORES * without,
        "for narrow loads": NARROW_LOADS * narrow / max(1, wide + narrow),
        "for bytes that spill": min(MOST_SPILLED, spilled / SPILLED_BYTES),
    }
