"""Grade one submission: everything that has an outcome, recorded as it falls."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.judge.documentation import grade_claims, grade_examples
from autograder.judge.faults import GraderFault
from autograder.judge.plugin import Record
from autograder.judge.run_rules import run_rules
from autograder.judge.session import Session
from autograder.judge.staging import Staged, stage_files
from autograder.judge.student_tests import Material, grade_student_tests
from autograder.quality.static import Pending, start
from autograder.rubric.model import Rule, Stage
from autograder.sandbox.isolation import Isolation
from autograder.scoring.outcome import Cause, Outcome, Status
from autograder.source.given import given_dir

STATIC_CHECKS = ("format", "types", "structure", "docstrings")


@dataclass(frozen=True)
class Job:
    """What is to be graded, and how.

    Attributes:
        root: the repository whose suite grades.
        submission: directory that holds `pagedlab/`.
        seed: makes generated programs; printed with every result.
        cache: directory for what depends on bytes alone.
        rules: ids to decide; empty for all.
    """

    root: Path
    submission: Path
    isolation: Isolation
    seed: int
    cache: Path
    rules: frozenset[str] = frozenset()

    def wants(self, rule: Rule) -> bool:
        """True if the rule is to be decided."""
        return not self.rules or rule.id in self.rules


@dataclass
class _Background:
    """Work that goes on beside the rules: static checkers, the student's own tests."""

    static: Pending | None = None
    tests: list[tuple[str, Future[Outcome]]] = field(default_factory=list)


def grade_stage(job: Job, stage: Stage, record: Record) -> None:
    """Decide every wanted rule of one stage. A fault of the grader becomes an outcome, too.

    Raises:
        NothingToGrade: the submission has no `pagedlab/`.
    """
    outcomes: dict[str, Outcome] = {}

    def keep(outcome: Outcome) -> None:
        if outcome.cause is not None:
            outcome = replace(outcome, cause=outcome.cause.printable())
        outcomes[outcome.rule] = outcome
        record(outcome)

    with tempfile.TemporaryDirectory(prefix="pagedlab-") as folder, ThreadPoolExecutor(1) as pool:
        scratch = Path(folder)
        scratch.chmod(0o755)
        staged = stage_files(stage, job.submission, given_dir(job.root), scratch)
        background = _start(job, stage, staged, scratch, pool)
        with Session(stage, staged, job.isolation, job.seed) as session:
            wanted = {rule.id for rule in stage.rules if job.wants(rule)}
            _guarded([], lambda: run_rules(session, wanted, keep), keep)
            for rule in _having(job, stage, ("claims",)):
                _guarded(
                    [rule],
                    lambda one=rule: keep(  # type: ignore[misc]
                        grade_claims(session, one.id, job.submission, outcomes)
                    ),
                    keep,
                )
            for rule in _having(job, stage, ("examples",)):
                _guarded([rule], lambda one=rule: keep(grade_examples(session, one.id)), keep)  # type: ignore[misc]
        _collect(job, stage, background, keep)


def _start(
    job: Job, stage: Stage, staged: Staged, scratch: Path, pool: ThreadPoolExecutor
) -> _Background:
    background = _Background()
    if _having(job, stage, STATIC_CHECKS):
        background.static = start(stage, staged.package, job.cache)
    reference = job.root / "reference"
    for rule in _having(job, stage, ("student_tests",)):
        if (stage.folder / "chaffs.toml").is_file():
            into = scratch / "variants"
            into.mkdir()
            material = Material(stage, reference, job.isolation, into, job.cache / "student_tests")
            future = pool.submit(grade_student_tests, material, rule.id, job.submission)
            background.tests.append((rule.id, future))
    return background


def _collect(job: Job, stage: Stage, background: _Background, keep: Record) -> None:
    static = _having(job, stage, STATIC_CHECKS)
    pending = background.static
    if pending is not None:
        wanted = {rule.id for rule in static}

        def collect() -> None:
            for outcome in pending.collect():
                if outcome.rule in wanted:
                    keep(outcome)

        _guarded(static, collect, keep)
    for rule_id, future in background.tests:
        _guarded([stage.rule(rule_id)], lambda one=future: keep(one.result()), keep)  # type: ignore[misc]


def _guarded(rules: Iterable[Rule], work: Callable[[], None], keep: Record) -> None:
    """Do the work; if the grader fails at it, say so for each of the rules."""
    try:
        work()
    except GraderFault as fault:
        for rule in rules:
            keep(Outcome(rule.id, Status.ERROR, cause=Cause(str(fault), "grader")))
    except Exception as error:
        lines = tuple("".join(traceback.format_exception(error)).splitlines())
        cause = Cause(f"{type(error).__name__}: {error}", "grader", notes=lines)
        for rule in rules:
            keep(Outcome(rule.id, Status.ERROR, cause=cause))


def _having(job: Job, stage: Stage, checks: Collection[str]) -> list[Rule]:
    return [rule for rule in stage.rules if rule.check in checks and job.wants(rule)]
