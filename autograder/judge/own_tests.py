"""The student's own tests against the student's own code: the part that a student can see."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from autograder.judge.student_test_runs import (
    CPU_SECONDS,
    OURS,
    RUNNER,
    Material,
    Run,
    digest_files,
    own_test_names,
    run_tests,
    student_test_files,
    with_tests,
)
from autograder.scoring import kept
from autograder.scoring.outcome import Cause, Outcome, Status


def grade_own_tests(
    material: Material, rule: str, submission: Path, packages: Sequence[Path]
) -> Outcome:
    """Run `tests/` of a submission against its own code.

    Args:
        material: gives the workers.
        rule: id of the rule that is decided.
        submission: directory that may hold `tests/test_<module>*.py`.
        packages: its code as staged, on stand-ins and on its own earlier stages: a stand-in does
            not do everything, and an earlier stage may be broken. A test must pass on one of them.
    """
    stage = material.stage
    tests = student_test_files(submission, stage)
    if not tests:
        text = f"no {own_test_names(stage)} in the submission"
        cause = Cause(text, "not_attempted")
        return Outcome(rule, Status.NOT_ATTEMPTED, cause=cause)
    code = [file for package in packages for file in sorted(package.glob("*.py"))]
    files = [*tests, *code, *OURS]
    key = digest_files(files, stage.needs)
    known = kept.load(material.cache, key, [rule])
    if known:
        return known[0]
    parent = material.parents.of([RUNNER, *stage.needs])
    runs: list[Run] = []
    for package in packages:
        folder = material.scratch / secrets.token_hex(6)
        shutil.copytree(package, folder / "pagedlab")
        runs.append(run_tests(parent, with_tests(folder, tests)))
        if runs[-1].ran and not runs[-1].failed and not runs[-1].ended:
            break
    outcome = judge_own(rule, best_of(runs))
    kept.store(material.cache, key, [outcome])
    return outcome


def best_of(runs: Sequence[Run]) -> Run:
    """One run for several of the same tests: a test failed if it failed wherever tests ended."""
    ended = [run for run in runs if not run.ended]
    if not ended:
        return runs[0]
    ran = frozenset().union(*(run.ran for run in ended))
    failed = frozenset.intersection(*(run.failed for run in ended))
    return replace(ended[-1], ran=ran, failed=failed)


MOST_TIMES = 3
"""Tests of which a report tells what CPU time they took."""


def judge_own(rule: str, run: Run) -> Outcome:
    """The outcome, from what the tests said of the student's own code."""
    times = spent(run)
    if run.ended:
        cause = Cause(f"your tests do not come to their end: {run.ended}", "finding")
        return Outcome(rule, Status.FAIL, cause=cause, notes=times)
    if run.failed or not run.ran:
        notes = tuple(_failed(name, run) for name in sorted(run.failed))
        text = (
            f"{len(run.failed)} of {len(run.ran | run.failed)} of your tests fail on your own code"
        )
        cause = Cause(text if run.failed else "tests/ holds no test", "finding", notes=notes)
        return Outcome(rule, Status.FAIL, cause=cause, notes=times)
    return Outcome(rule, Status.PASS, Fraction(1), notes=times)


def spent(run: Run) -> tuple[str, ...]:
    """What the tests cost of what they may, and which were the dearest. Nothing if not known."""
    if not run.total:
        return ()
    dear = [f"{name} {seconds:.1f}" for name, seconds in [*run.seconds.items()][:MOST_TIMES]]
    told = f"{run.total:.1f} of {CPU_SECONDS:g} CPU seconds used"
    return (f"{told}; the most by {', '.join(dear)}" if dear else told,)


def _failed(name: str, run: Run) -> str:
    reason = run.reasons.get(name, "")
    return f"{name} fails: {reason}" if reason else f"{name} fails"
