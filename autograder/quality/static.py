"""Checks the code quality and the docstrings of a submission without running any of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.quality.api import Item, load_api
from autograder.quality.content_key import key_of
from autograder.quality.docstrings import grade_docstrings
from autograder.quality.findings import CheckerFault, Finding, Grade, fault_of, outcome_of
from autograder.quality.formatting import grade_format
from autograder.quality.limits import Limits, load_limits
from autograder.quality.modules import Submission, read_submission
from autograder.quality.public_types import grade_types
from autograder.quality.running import Result, Running, launch
from autograder.quality.structure import grade_structure
from autograder.rubric.model import Rule, Stage
from autograder.scoring import kept
from autograder.scoring.outcome import Outcome, Status

NEEDS = {
    "format": ("black", "ruff"),
    "types": ("mypy",),
    "structure": ("ruff",),
    "docstrings": ("pydoclint",),
}
"""The checks that are made here, and the tools that each stands on."""
SECONDS = 90.0


@dataclass(frozen=True)
class Work:
    """Checks under way: what the grades follow from, and where they are to be kept.

    Attributes:
        running: the tools; None if no module can be read, so that there is nothing to run.
        deadline: for all of them, on the clock of `time.monotonic`.
    """

    rules: Sequence[Rule]
    stage: Stage
    submission: Submission
    items: Sequence[Item]
    limits: Limits
    running: Running | None
    deadline: float
    folder: Path
    key: str

    def outcomes(self) -> list[Outcome]:
        """Wait for the tools, grade, and keep the outcomes unless the grader is at fault."""
        results: Mapping[str, Result] = {}
        if self.running:
            results = self.running.results(self.deadline)
        outcomes = [self._outcome(rule, results) for rule in self.rules]
        if all(outcome.status is not Status.ERROR for outcome in outcomes):
            kept.store(self.folder, self.key, outcomes)
        return outcomes

    def _outcome(self, rule: Rule, results: Mapping[str, Result]) -> Outcome:
        found: dict[str, list[Finding]] = {}
        for tool in NEEDS[rule.check]:
            result = results[tool] if self.running else []
            if isinstance(result, CheckerFault):
                return fault_of(rule.id, str(result))
            found[tool] = result
        submission, items = self.submission, self.items
        declared = {item.name for item in items}
        graders: Mapping[str, Callable[[], Grade]] = {
            "format": lambda: grade_format(submission, found["black"], found["ruff"]),
            "types": lambda: grade_types(submission, items, found["mypy"]),
            "structure": lambda: grade_structure(
                submission, found["ruff"], self.limits, self.stage.needs, declared
            ),
            "docstrings": lambda: grade_docstrings(submission, items, found["pydoclint"]),
        }
        try:
            return outcome_of(rule.id, graders[rule.check]())
        except Exception as error:  # a bug of ours must not become the student's zero
            return fault_of(rule.id, f"the check of {rule.id} broke down ({error!r})")


class Pending:
    """Checks that were started. Collect or cancel them, else their processes are left over."""

    def __init__(self, known: Sequence[Outcome] = (), work: Work | None = None) -> None:
        """Hold outcomes that are known already, or the work that leads to them."""
        self._known, self._work = list(known), work

    def collect(self) -> list[Outcome]:
        """Wait for the end.

        Returns:
            One outcome for each rule of the stage that is checked here, in rubric order.
        """
        work = self._work
        if work:
            try:
                self._known = work.outcomes()
            finally:
                self.cancel()
        return self._known

    def cancel(self) -> None:
        """Stop what runs. Does nothing after `collect`."""
        if self._work and self._work.running:
            self._work.running.end()
        self._work = None


def start(stage: Stage, package: Path, cache: Path, seconds: float = SECONDS) -> Pending:
    """Start the static checks of a stage in processes of their own.

    Args:
        stage: whose rules with the checks "format", "types", "structure" and "docstrings" are
            judged. Its folder holds `api.toml`.
        package: directory `pagedlab` with the student's modules and the given files. It is only
            read, and only before this returns.
        cache: directory for mypy's cache and for outcomes; made if it is not there.
        seconds: time for the checkers, from now on.

    Returns:
        The checks under way. Whatever goes wrong becomes an outcome with the status "error".
    """
    rules = tuple(rule for rule in stage.rules if rule.check in NEEDS)
    try:
        return _start(rules, stage, package, cache, time.monotonic() + seconds)
    except CheckerFault as fault:
        reason = str(fault)
    except Exception as error:  # whatever it is, it is not the student's
        reason = f"the static checks could not be started ({error!r})"
    return Pending([fault_of(rule.id, reason) for rule in rules])


def check_statically(stage: Stage, package: Path, cache: Path) -> list[Outcome]:
    """Start the checks, and wait for them. Arguments and result as for `start` and `collect`."""
    return start(stage, package, cache).collect()


def _start(
    rules: Sequence[Rule], stage: Stage, package: Path, cache: Path, deadline: float
) -> Pending:
    items, limits = load_api(stage.folder / "api.toml"), load_limits()
    submission = read_submission(stage.modules, stage.given, package)
    folder, key = cache / "static", key_of(stage, submission)
    known = kept.load(folder, key, [rule.id for rule in rules])
    if known is not None:
        return Pending(known)
    running = None
    if submission.modules:
        tools = {tool for rule in rules for tool in NEEDS[rule.check]}
        mypy_cache = (cache / "mypy").absolute()
        running = launch(submission, tools, limits.suppressions, not stage.needs, mypy_cache)
    work = Work(rules, stage, submission, items, limits, running, deadline, folder, key)
    return Pending(work=work)
