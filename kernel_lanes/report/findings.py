"""What is worth saying about a kernel, in sentences, the gravest first. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kernel_lanes.facts import KernelFacts
from kernel_lanes.occupancy import machines, occupancy
from kernel_lanes.report.data import Check, Report, Served
from kernel_lanes.shapes import CHECKED, COUNTED, SERVING, PagedShape
from kernel_lanes.traffic import Comparison, compare, minimum

WRONG, SLOW, NOTE = "wrong", "slow", "note"
FOREIGN = frozenset(
    "mm bmm addmm baddbmm matmul linear einsum _softmax softmax _safe_softmax index_select gather "
    "_scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_attention_math".split()
)
"""Torch operations that would be the kernel's work."""
OFTEN, EMPTY, NARROW, UNEVEN, FEW, LOADS = 1.25, 0.5, 0.5, 3.0, 4.0, 4


@dataclass(frozen=True)
class Finding:
    """One sentence; `weight` is wrong, slow or note."""

    weight: str
    text: str


def findings(report: Report) -> list[Finding]:
    """Everything worth saying; each thing once."""
    said = [*_wrong(report), *_traffic(report), *_compiled(report)]
    order = (WRONG, SLOW, NOTE)
    return sorted(dict.fromkeys(said), key=lambda one: order.index(one.weight))


def comparisons(report: Report) -> list[tuple[Check, Comparison]]:
    """The counted runs that came out right, against the minimum of their shapes."""
    shapes = {shape.name: shape for shape in (*CHECKED, *COUNTED, *SERVING)}
    runs = report.counted or report.checks
    return [
        (check, compare(check.record, minimum(shapes[check.what])))
        for check in runs
        if check.record is not None and check.passed and check.order == "forward"
        and check.what in shapes
    ]  # fmt: skip


def _wrong(report: Report) -> Iterator[Finding]:
    for check in (*report.checks, *report.counted):
        if check.passed:
            continue
        told = check.problem or f"is off by {check.error:.2g}; rounding explains {check.allowed:g}"
        heavy = NOTE if "the C lane does not translate" in told else WRONG
        yield Finding(heavy, f"{check.what} ({check.engine}): {told}")
    for served in report.served:
        if served.problem:
            yield Finding(WRONG, f"{served.what}: {served.problem}")
        if served.finite:
            yield Finding(WRONG, f"{served.what}: gives numbers although no kernel ran")
        if served.capture is not None:
            foreign = sorted(FOREIGN & set(served.capture.operations))
            if foreign:
                yield Finding(WRONG, f"torch does the kernel's work: {', '.join(foreign)}")
            if not served.capture.launches:
                yield Finding(WRONG, f"{served.what}: launches no kernel")


def _traffic(report: Report) -> Iterator[Finding]:
    shapes: dict[str, PagedShape] = {shape.name: shape for shape in (*CHECKED, *COUNTED)}
    for check, seen in comparisons(report):
        shape = shapes[check.what]
        if seen.cache_ratio > OFTEN:
            yield from _read_often(shape, seen.cache_ratio)
        elif seen.ratio > OFTEN:
            text = f"{check.what}: {seen.ratio:.2f} times the least bytes are moved"
            yield Finding(SLOW, f"{text}, most of it beside keys and values")
        if seen.imbalance > UNEVEN:
            text = f"{check.what}: one program loads {seen.imbalance:.1f} times what the mean one"
            yield Finding(NOTE, f"{text} does")


def _read_often(shape: PagedShape, times: float) -> Iterator[Finding]:
    """Keys and values are read more than once: by heads that share them, or by new tokens."""
    group = shape.heads // shape.kv_heads
    text = f"{shape.name}: keys and values are read {times:.1f} times"
    if all(new <= 1 for new, _ in shape.sequences):
        shared = group > 1 and abs(times - group) < 0.2
        why = f" ({group} query heads share a KV head, and each reads it for itself)"
        yield Finding(SLOW, text + why * shared)
        return
    served = shape.scores / (times * sum(total for _, total in shape.sequences))
    if served < FEW:
        yield Finding(SLOW, f"{text}: one that is read serves {served:.1f} new tokens")


def _compiled(report: Report) -> Iterator[Finding]:
    for served in report.served:
        by_target: dict[str, list[KernelFacts]] = {}
        for kernel in served.kernels:
            by_target.setdefault(kernel.target, []).append(kernel)
            yield from _kernel(kernel)
        for kernels in by_target.values():
            yield from _main_kernel(served, max(kernels, key=lambda one: one.instructions))


def _kernel(kernel: KernelFacts) -> Iterator[Finding]:
    """What is wrong with any kernel, however small its part."""
    name = f"{kernel.kernel} on {kernel.target}"
    if kernel.error:
        yield Finding(WRONG, f"does not compile for {kernel.target}: {kernel.error}")
        return
    spilled = kernel.spill_stores + kernel.spill_loads
    if spilled:
        yield Finding(SLOW, f"{name}: {spilled} bytes a thread are spilled to memory")
    if kernel.tf32:
        yield Finding(NOTE, f"{name}: products of float32 are computed in TF32 on a GPU")
    machine = machines().get(kernel.target)
    if machine is not None:
        seen = occupancy(kernel, machine)
        if not seen.programs_per_sm:
            yield Finding(WRONG, f"{name}: not one program fits on an SM ({seen.limited_by})")


def _main_kernel(served: Served, kernel: KernelFacts) -> Iterator[Finding]:
    """What is slow about the kernel that does most, taken as the one with most instructions."""
    name = f"{kernel.kernel} on {kernel.target}"
    if kernel.error:
        return
    loads = kernel.loads_wide + kernel.loads_narrow
    if not kernel.tensor_core:
        yield Finding(NOTE, f"{name}: uses no tensor cores")
    if loads >= LOADS and kernel.wide_share < NARROW:
        share = f"{100 * kernel.wide_share:.0f} %"
        yield Finding(SLOW, f"{name}: {share} of its load instructions take 128 bits")
    machine = machines().get(kernel.target)
    if machine is not None and kernel.programs < EMPTY * machine.sms:
        text = f"{served.what}, {kernel.kernel}: {kernel.programs} programs for the"
        yield Finding(
            SLOW, f"{text} {machine.sms} SMs of {machine.name}: most of them have nothing to do"
        )
