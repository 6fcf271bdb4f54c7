"""By which lane a wrong kernel was caught, from the verdict itself. For `validate`; hidden."""

from __future__ import annotations

from stage4.contract import FAULTS
from stage4.oracle import NO_FAULT

from autograder.rubric.model import Axis, Rule
from autograder.scoring.outcome import Cause

SANITIZER = {NO_FAULT, *(expected for _, expected in FAULTS.values())}
"""What is expected where the sanitizer stopped a kernel."""
COMPILED, HOST = "I16", ("I11", "I13", "I14")
"""Invariants of machine code, and of the code around the kernels."""


def lane_of(rule: Rule, cause: Cause | None) -> str:
    """Who saw it first: a lane of kernels, or the watch over the code around them.

    A kernel that the sanitizer stops gives no output, so what its numbers would have shown is not
    known.

    Args:
        rule: the rule that was lost.
        cause: of its loss; None if an amount was too large.
    """
    if COMPILED in rule.invariants:
        return "compile"
    if rule.axis is Axis.PERFORMANCE and cause is None:
        return "traffic"
    if cause and (cause.expected in SANITIZER or cause.summary.startswith("KernelFault")):
        return "sanitizer"
    return "wrapper" if cause is not None and cause.invariant in HOST else "outputs"
