"""Score the student's own tests by the wrong submissions they catch.

A test counts if it accepts every correct submission: the wheats and the reference. A chaff is
caught if a test that counts fails on it, or if it ends or stalls the tests. Workers see the
variant under a neutral name, so that a test can only judge by behaviour.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.warm_parent import WarmParent
from autograder.judge.worker import Budget, Worker
from autograder.protocol.plain import Json
from autograder.rubric.model import Stage
from autograder.sandbox.isolation import Isolation
from autograder.sandbox.policy import Limits
from autograder.scoring.outcome import Cause, Outcome, Status
from autograder.source.variants import (
    build_chaff,
    build_wheat,
    copy_package,
    load_chaffs,
    load_wheats,
)

FULL_FROM = Fraction(4, 5)
"""Share of the chaffs that earns full marks."""
MAX_FILES, MAX_BYTES = 20, 1 << 18
BUDGET = Budget(cpu_seconds=5.0, wall_seconds=20.0, memory_bytes=1 << 30)
LIMITS = Limits(memory_bytes=1 << 30, processes=16, cpu_seconds=20)
RUNNER = "autograder.worker.student_tests"


@dataclass(frozen=True)
class Run:
    """What the tests said of one variant. `ended` says how the worker ended, if it did."""

    ran: frozenset[str]
    failed: frozenset[str]
    ended: str = ""


def grade_student_tests(
    stage: Stage, rule: str, submission: Path, reference: Path, isolation: Isolation, into: Path
) -> Outcome:
    """Run `tests/` of a submission against every wheat and every chaff of the stage.

    Args:
        stage: the stage, with its chaffs and wheats.
        rule: id of the rule that is decided.
        submission: directory that may hold `tests/test_*.py`.
        reference: directory that holds the reference's `pagedlab/`.
        isolation: what the workers get.
        into: an empty directory of the judge's own.
    """
    tests = _test_files(submission)
    if not tests:
        cause = Cause("no tests/test_*.py in the submission", "not_attempted")
        return Outcome(rule, Status.NOT_ATTEMPTED, cause=cause)
    with WarmParent(isolation, [RUNNER]) as parent:

        def run(build: Callable[[Path], None]) -> Run:
            folder = into / secrets.token_hex(6)
            build(folder)
            (folder / "tests").mkdir()
            for file in tests:
                shutil.copyfile(file, folder / "tests" / file.name)
            return _run(parent, folder)

        right = {"reference": run(lambda folder: copy_package(reference, folder))}
        for wheat in load_wheats(stage):
            right[wheat.id] = run(lambda folder, one=wheat: build_wheat(one, reference, folder))  # type: ignore[misc]
        wrong = {
            chaff.id: run(lambda folder, one=chaff: build_chaff(one, reference, folder))  # type: ignore[misc]
            for chaff in load_chaffs(stage)
            if chaff.group in stage.groups
        }
    return judge_runs(rule, right, wrong)


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
    caught = [name for name, run in wrong.items() if counting and _catches(run, counting)]
    share = min(Fraction(1), Fraction(len(caught), len(wrong)) / FULL_FROM)
    said = f"{len(counting)} of {len(ran | rejecting)} tests count"
    summary = f"{said}; they catch {len(caught)} of {len(wrong)} wrong submissions"
    if share == 1:
        return Outcome(rule, Status.PASS, share, measured={"caught": len(caught)})
    cause = Cause(summary, "finding", notes=tuple(notes))
    return Outcome(rule, Status.FAIL, share, cause=cause, measured={"caught": len(caught)})


def _catches(run: Run, counting: frozenset[str]) -> bool:
    return bool(run.ended or run.failed & counting or run.failed - run.ran)


def _run(parent: WarmParent, folder: Path) -> Run:
    worker = Worker(parent, folder, LIMITS)
    inner: Json = {"stage_dir": str(folder)}
    args: dict[str, Json] = {"module": RUNNER, "function": "run", "args": inner}
    try:
        reply = worker.request("call", args, BUDGET)
    except (WorkerEnded, RequestFailed) as ended:
        return Run(frozenset(), frozenset(), str(ended) or "ended")
    finally:
        worker.close()
    if not isinstance(reply, dict):
        return Run(frozenset(), frozenset(), "the tests gave no result")
    return Run(_names(reply.get("ran")), _names(reply.get("failed")))


def _names(value: object) -> frozenset[str]:
    names = value if isinstance(value, list) else []
    return frozenset(str(name)[:120] for name in names[:1000])


def _test_files(submission: Path) -> list[Path]:
    files = sorted((submission / "tests").glob("test_*.py"))[:MAX_FILES]
    return [
        file
        for file in files
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= MAX_BYTES
    ]
