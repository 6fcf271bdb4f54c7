"""Proves that the sanitizer still sees: a new Triton might do its work elsewhere, silently."""

from __future__ import annotations

from collections.abc import Callable

import torch

from kernel_lanes.record import ArrayTraffic
from kernel_lanes.sanitizer import canaries
from kernel_lanes.sanitizer.engine import Sanitizer
from kernel_lanes.watching import KernelFault

MUST_BE_FOUND: tuple[tuple[str, Callable[[], None]], ...] = (
    ("out_of_bounds", canaries.load_past_the_end),
    ("out_of_bounds", canaries.store_past_the_end),
    ("uninitialised", canaries.load_undefined),
    ("race", canaries.race),
)
"""What is wrong on purpose, with the kind of its fault."""


def selftest() -> list[str]:
    """What the sanitizer no longer sees, or sees wrongly; empty if all is well."""
    try:
        return [*_counts(), *_numbers(), *_faults()]
    except Exception as error:  # noqa: BLE001 - a known kernel does not even run
        return [f"a known kernel ends with {type(error).__name__}: {error}"]


def _faults() -> list[str]:
    failed = []
    for kind, host in MUST_BE_FOUND:
        with Sanitizer() as watch:
            try:
                host()
            except KernelFault:
                pass
        found = watch.record().fault
        if found is None or found.kind != kind:
            failed.append(f"{host.__name__.replace('_', ' ')} is not found")
        elif not found.place.startswith("canaries.py:"):
            failed.append(f"the place of a fault is told as {found.place}")
    return failed


def _counts() -> list[str]:
    source = torch.arange(20.0)
    for order in ("forward", "reverse", 1):
        with Sanitizer(order) as watch:
            result = canaries.copy(source)
        record = watch.record()
        wanted = {
            "source": ArrayTraffic(load_bytes=80, load_sectors=3, unique_load_sectors=3),
            "target": ArrayTraffic(store_bytes=80, store_sectors=3),
        }
        if record.fault is not None or not torch.equal(result, source):
            return ["a right kernel is taken for a wrong one"]
        if len(record.launches) != 1 or record.launches[0].arrays != wanted:
            return ["the bytes of a known kernel are counted wrongly"]
    with Sanitizer() as watch:
        counted = canaries.count()
    arrays = watch.record().launches[0].arrays
    if float(counted) != 3 or arrays != {"counter": ArrayTraffic(atomic_lanes=3)}:
        return ["atomics are not seen"]
    return []


def _numbers() -> list[str]:
    x = (torch.arange(256.0).view(16, 16) / 37 - 3).to(torch.bfloat16)
    with Sanitizer() as watch:
        result = canaries.square(x)
    wide = x.float()
    wanted = ((wide @ wide).to(torch.bfloat16) + x * 2).float()
    failed = []
    if not torch.allclose(result.float(), wanted, rtol=2**-7, atol=0.02):
        failed.append("bfloat16 is computed wrongly")
    if watch.record().launches[0].dot_flops != 2 * 16**3:
        failed.append("products are not counted")
    return failed
