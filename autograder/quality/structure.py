"""The check "structure": six kinds of trouble, each of which costs a sixth."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

from autograder.quality.duplication import clones
from autograder.quality.findings import Finding, Grade
from autograder.quality.formatting import COMPLEXITY
from autograder.quality.global_state import global_state
from autograder.quality.imports import forbidden_imports
from autograder.quality.limits import Limits
from autograder.quality.modules import Submission
from autograder.quality.sizes import oversized
from autograder.quality.suppressions import over_budget


def grade_structure(
    submission: Submission,
    ruff: Sequence[Finding],
    limits: Limits,
    needs: Collection[str],
    declared: Collection[str] = (),
) -> Grade:
    """The share is 1 less a sixth for each kind of trouble found, however often it is found.

    The kinds: complexity above 10; functions too long, with too many arguments or nested too
    deeply; statements written twice; global state; imports that are not allowed; more suppressed
    checks than the budget. The share is then scaled by the part of the stage's files that are
    there and are Python. Functions in `declared` have the arguments that the starter gave them.
    """
    modules = submission.modules
    ours = {file.removesuffix(".py") for file in (*submission.files, *submission.beside)}
    kinds: dict[str, list[Finding]] = {
        "complexity": [
            finding
            for finding in ruff
            if finding.code == COMPLEXITY and finding.file in submission.files
        ],
        "size": [found for module in modules for found in oversized(module, limits, declared)],
        "duplication": list(clones(modules, limits.clone_lines)),
        "global state": [found for module in modules for found in global_state(module)],
        "imports": [
            found
            for module in modules
            for found in forbidden_imports(module, limits.denied, needs, ours)
        ],
        "suppressions": over_budget(modules, limits.suppressions),
    }
    broken = [kind for kind, findings in kinds.items() if findings]
    count = f"{len(broken)} of {len(kinds)} kinds of trouble"
    words = [f"{count}: {', '.join(broken)}"] * bool(broken)
    if submission.unreadable:
        words.append(f"{len(modules)} of {len(submission.files)} files could be read")
    return Grade(
        share=(1 - Fraction(len(broken), len(kinds)))
        * Fraction(len(modules), len(submission.files)),
        summary="; ".join(words) or "no trouble of any kind",
        findings=(*submission.unreadable, *(one for found in kinds.values() for one in found)),
    )
