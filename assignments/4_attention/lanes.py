"""By which lane a wrong kernel was caught, told from the verdict. For `validate`; hidden."""

from __future__ import annotations

from stage4.faults import FAULTS
from stage4.oracle import NO_FAULT

from autograder.rubric.model import Rule
from autograder.scoring.outcome import Cause

SANITIZER = {NO_FAULT, *(expected for _, expected in FAULTS.values())}
"""What is expected where the sanitizer stopped a kernel."""
HOST = ("I11", "I13", "I14")
"""Invariants of the code around the kernels."""


def lane_of(rule: Rule, cause: Cause | None) -> str:
    """Who saw it first: the rule's lane, and of the interpreter's which part.

    A kernel that the sanitizer stops gives no output, so what its numbers would have shown is not
    known.

    Args:
        rule: the rule that was lost.
        cause: of its loss; None if an amount was too large.
    """
    if rule.lane not in ("", "sanitize") or cause is None:
        return rule.lane
    if cause.expected in SANITIZER or cause.summary.startswith("KernelFault"):
        return "sanitizer"
    return "wrapper" if cause.invariant in HOST else "outputs"
