"""What a rule asks the submission: programs, run in a worker and judged."""

from __future__ import annotations

from collections.abc import Callable

from autograder.judge.clock import Budget
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.observe import observe
from autograder.judge.session import Session
from autograder.judge.stage_package import Language
from autograder.judge.worker import Worker
from autograder.program.model import Checker, Finding, Observation, Op, Program, first_violation
from autograder.program.skips import unexcused_skip
from autograder.rubric.model import Rule


class Asking:
    """Runs programs on the submission for one rule. Owns a worker; close it."""

    def __init__(self, rule: Rule, session: Session, language: Language) -> None:
        self.rule = rule
        self.session = session
        self._language = language
        self._worker: Worker | None = None

    def look(self, *ops: Op) -> list[Observation]:
        """Run a program that decides nothing. An empty list if it did not come to its end."""
        try:
            return observe(self.worker(), ops, self.session.budget)
        except (WorkerEnded, RequestFailed):
            self.close()
            return []

    def close(self) -> None:
        """End the rule's worker."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def worker(self) -> Worker:
        """The rule's worker; a fresh one after each that ended."""
        if self._worker is None:
            self._worker = self.session.new_worker()
        return self._worker

    def _judge(
        self, program: Program, against: Callable[[], Checker] | None, budget: Budget
    ) -> tuple[list[Observation], Finding | None]:
        try:
            seen = observe(self.worker(), program, budget)
        except WorkerEnded:
            self._worker = None
            raise
        checker = (against or self._language.contract)()
        invariants = () if against else self.rule.invariants
        skipped = unexcused_skip(program, seen, self._language.references)
        end = skipped.index if skipped else len(program)
        return seen, first_violation(checker, program[:end], seen[:end], invariants) or skipped

    def _attempt(
        self, against: Callable[[], Checker] | None
    ) -> Callable[[Program, Budget], Finding | None]:
        return lambda program, budget: self._judge(program, against, budget)[1]
