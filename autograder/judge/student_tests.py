"""Score the student's own tests by the wrong submissions they catch.

A test counts if it accepts every correct submission: the wheats and the reference. A chaff is
caught if a test that counts fails on it, or if it ends or stalls the tests. Workers see the
variant under a neutral name, so that a test can only judge by behaviour.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

from autograder.judge.student_test_runs import (
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
from autograder.source.solutions import build_wheat, load_wheats
from autograder.source.variants import build_chaff, copy_package, student_test_chaffs

FULL_FROM = Fraction(4, 5)
"""Share of the chaffs that earns full marks."""


def grade_student_tests(material: Material, rule: str, submission: Path) -> Outcome:
    """Run `tests/` of a submission against every wheat and the listed chaffs of the stage.

    The outcome follows from the tests and the suite alone, and is kept by their content.

    Args:
        material: what to run them against.
        rule: id of the rule that is decided.
        submission: directory that may hold `tests/test_<module>*.py`.
    """
    tests = student_test_files(submission, material.stage)
    if not tests:
        text = f"no {own_test_names(material.stage)} in the submission"
        cause = Cause(text, "not_attempted")
        return Outcome(rule, Status.NOT_ATTEMPTED, cause=cause)
    key = _key(material, tests)
    known = kept.load(material.cache, key, [rule])
    if known:
        return known[0]
    right, wrong = _run_all(material, tests)
    outcome = judge_runs(rule, right, wrong)
    kept.store(material.cache, key, [outcome])
    return outcome


def _run_all(material: Material, tests: list[Path]) -> tuple[dict[str, Run], dict[str, Run]]:
    """What the tests say of every right and of every wrong submission, by name."""
    stage, reference = material.stage, material.reference
    parent = material.parents.of([RUNNER, *stage.needs])

    def run(build: Callable[[Path], None]) -> Run:
        folder = material.scratch / secrets.token_hex(6)
        build(folder)
        return run_tests(parent, with_tests(folder, tests))

    right = {"reference": run(partial(copy_package, reference))}
    for wheat in load_wheats(stage):
        right[wheat.id] = run(partial(build_wheat, wheat, reference))
    chaffs = student_test_chaffs(stage)
    wrong = {chaff.id: run(partial(build_chaff, chaff, reference)) for chaff in chaffs}
    return right, wrong


def _key(material: Material, tests: list[Path]) -> str:
    stage = material.stage
    suite = [stage.folder / "chaffs.toml", *sorted((stage.folder / "wheats").rglob("*.py"))]
    suite += sorted((material.reference / "pagedlab").glob("*.py"))
    return digest_files([*tests, *suite, *OURS], stage.needs)


def judge_runs(rule: str, right: dict[str, Run], wrong: dict[str, Run]) -> Outcome:
    """The outcome, from what the tests said of right and of wrong submissions."""
    ran = frozenset().union(*(run.ran for run in right.values()))
    ended = next((run.ended for run in right.values() if run.ended), "")
    rejecting = frozenset().union(*(run.failed for run in right.values()))
    counting = frozenset() if ended else ran - rejecting
    notes = [
        f"{name} rejects a correct submission: it does not count" for name in sorted(rejecting)
    ]
    if ended:
        notes.append(f"your tests do not end on a correct submission: {ended}")
    caught = [
        name
        for name, run in wrong.items()
        if counting and (run.ended or run.failed & counting or run.failed - run.ran - rejecting)
    ]
    share = min(Fraction(1), Fraction(len(caught), len(wrong)) / FULL_FROM)
    said = f"{len(counting)} of {len(ran | rejecting)} tests count"
    summary = f"{said}; they catch {len(caught)} of {len(wrong)} wrong submissions"
    if share == 1:
        return Outcome(rule, Status.PASS, share, measured={"caught": len(caught)})
    cause = Cause(summary, "finding", notes=tuple(notes))
    return Outcome(rule, Status.FAIL, share, cause=cause, measured={"caught": len(caught)})
