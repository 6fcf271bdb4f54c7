"""Grade one submission: everything that has an outcome, recorded as it falls."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from autograder.judge.documentation import grade_claims, grade_examples
from autograder.judge.faults import GraderFault
from autograder.judge.lanes import lanes_of
from autograder.judge.own_tests import grade_own_tests
from autograder.judge.parents import Parents
from autograder.judge.plugin import Record
from autograder.judge.run_rules import run_rules
from autograder.judge.scratch import scratch_folder
from autograder.judge.session import Session
from autograder.judge.staging import Staged, files_below, stage_files
from autograder.judge.student_test_runs import Material
from autograder.judge.student_tests import grade_student_tests
from autograder.quality.static import Pending, start
from autograder.rubric.model import Axis, Rule, Stage
from autograder.scoring.outcome import Binding, Cause, Outcome, Status
from autograder.source.given import given_dir

STATIC_CHECKS = ("format", "types", "structure", "docstrings")


@dataclass(frozen=True)
class Job:
    """What is to be graded, and how.

    Attributes:
        root: the repository whose suite grades.
        submission: directory that holds `pagedlab/`.
        parents: give the workers; with them goes the isolation.
        seed: makes generated programs; printed with every result.
        cache: directory for what depends on bytes alone.
        rules: ids to decide; empty for all.
        earlier: the suite's stages, for those that stand on them.
        shortens: look for the shortest program that shows a failure: the dear part of a failure.
        integrated: decide correctness once more on the submission's own earlier stages, where the
            stage stands on any.
        lanes: of each lane "" if rules may use it, else why not; None: what this machine has.
    """

    root: Path
    submission: Path
    parents: Parents
    seed: int
    cache: Path
    rules: frozenset[str] = frozenset()
    earlier: tuple[Stage, ...] = ()
    shortens: bool = True
    integrated: bool = True
    lanes: Mapping[str, str] | None = None

    def lanes_of(self, stage: Stage) -> Mapping[str, str]:
        """As told, or else as this machine has them."""
        return lanes_of([stage]) if self.lanes is None else self.lanes

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
        outcome = outcome.printable()
        outcomes.setdefault(outcome.rule, outcome)
        record(outcome)

    with scratch_folder() as scratch, ThreadPoolExecutor(1) as pool:
        staged = _staged(job, stage, scratch, Binding.ISOLATED)
        background = _start(job, stage, staged, scratch, pool)
        lanes = job.lanes_of(stage)
        with Session(stage, staged, job.parents, job.seed, job.shortens, lanes) as session:
            wanted = {rule.id for rule in stage.rules if job.wants(rule)}
            _guarded([], lambda: run_rules(session, wanted, keep), keep)
            for rule in _having(job, stage, ("claims",)):
                claims = partial(grade_claims, session, rule.id, job.submission, outcomes)
                _decide(rule, claims, keep)
            for rule in _having(job, stage, ("examples",)):
                _decide(rule, partial(grade_examples, session, rule.id), keep)
        if stage.upstream and job.integrated:
            _integrated(job, stage, scratch / "integrated", keep)
        _collect(job, stage, background, keep)


def _integrated(job: Job, stage: Stage, scratch: Path, keep: Record) -> None:
    """Decide the correctness rules once more, on the student's own earlier stages."""
    scratch.mkdir()
    rules = [rule for rule in stage.cell(Axis.CORRECTNESS) if job.wants(rule)]

    def keep_integrated(outcome: Outcome) -> None:
        keep(replace(outcome, binding=Binding.INTEGRATED))

    staged = _staged(job, stage, scratch, Binding.INTEGRATED)
    lanes = job.lanes_of(stage)
    with Session(stage, staged, job.parents, job.seed, job.shortens, lanes) as session:
        wanted = {rule.id for rule in rules}
        _guarded(rules, lambda: run_rules(session, wanted, keep_integrated), keep_integrated)


def _staged(job: Job, stage: Stage, scratch: Path, binding: Binding) -> Staged:
    below = files_below(stage, job.earlier, job.submission, binding)
    return stage_files(stage, job.submission, given_dir(job.root), scratch, below)


def _start(
    job: Job, stage: Stage, staged: Staged, scratch: Path, pool: ThreadPoolExecutor
) -> _Background:
    background = _Background()
    if _having(job, stage, STATIC_CHECKS):
        background.static = start(stage, staged.package, job.cache)
    scratch = scratch / "variants"
    scratch.mkdir()
    kept = job.cache / "student_tests"
    material = Material(stage, job.root / "reference", job.parents, scratch, kept)
    for rule in _having(job, stage, ("own_tests",)):
        packages = [staged.package]
        if stage.upstream:
            packages.append(_staged(job, stage, scratch / "own", Binding.INTEGRATED).package)
        own = pool.submit(grade_own_tests, material, rule.id, job.submission, packages)
        background.tests.append((rule.id, own))
    for rule in _having(job, stage, ("student_tests",)):
        if (stage.folder / "chaffs.toml").is_file():
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
        _decide(stage.rule(rule_id), future.result, keep)


def _decide(rule: Rule, work: Callable[[], Outcome], keep: Record) -> None:
    _guarded([rule], lambda: keep(work()), keep)


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
