"""What a rule's test is written with: `@rule("1.3")` and the fixture `judge`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import NoReturn

import pytest

from autograder.judge.asking import Asking
from autograder.judge.costs import Ask, Costs
from autograder.judge.counted import Verify, WrongOutputs
from autograder.judge.explain import explain_end, explain_violation
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.observe import observe
from autograder.judge.rule_failed import RuleFailed, not_measured
from autograder.judge.session import Session
from autograder.judge.shorten import shortest_end, shortest_violation
from autograder.judge.stage_package import Language
from autograder.program.model import Checker, Finding, NotWritten, Observation, Op, Program
from autograder.rubric.model import Rule
from autograder.scoring.outcome import Cause, Status


def rule(rule_id: str) -> pytest.MarkDecorator:
    """Say which rule of stage.toml a test function decides."""
    return pytest.mark.rule(rule_id)


class Judge(Asking):
    """Runs programs on the submission for one rule and fails the rule with an explanation."""

    def __init__(self, rule: Rule, session: Session, language: Language, costs: Costs) -> None:
        super().__init__(rule, session, language)
        self.measured: dict[str, float] = {}
        self.notes: list[str] = []
        self.random = Random(f"{session.seed}/{rule.id}")
        self._costs = costs

    def new_seed(self) -> int:
        """A fresh number for a generated program, given by the run's seed."""
        return self.random.getrandbits(32)

    def check(self, *ops: Op, against: Callable[[], Checker] | None = None) -> list[Observation]:
        """Run one program and hold what it shows against the contract.

        Args:
            ops: the program.
            against: makes the checker; by default the public contract, judged by the rule's own
                invariants alone. Any violation of another checker counts.

        Returns:
            What was seen, for tests that look further.

        Raises:
            RuleFailed: the contract is broken, a stub was met, or the worker ended.
        """
        try:
            seen, finding = self._judge(ops, against, self.session.budget)
        except NotWritten:
            raise RuleFailed(Status.NOT_ATTEMPTED, self._stub(ops)) from None
        except (WorkerEnded, RequestFailed) as ended:
            raise self._ended(ops, ended) from None
        if finding is None:
            return seen
        raise RuleFailed(Status.FAIL, self._explained(ops, against, finding))

    def check_all(
        self, programs: Iterable[Program], against: Callable[[], Checker] | None = None
    ) -> None:
        """Check many programs, one after another, in one worker."""
        for program in programs:
            self.check(*program, against=against)

    def fail(self, program: Program, index: int, invariant: str, expected: str, seen: str) -> None:
        """Fail the rule for a relation between several observations of one program.

        Raises:
            RuleFailed: always.
        """
        summary = self.session.stage.invariants[invariant]
        lines = tuple(map(self._language.to_python, program))
        cause = Cause(summary, "violation", invariant, lines, index, expected, seen)
        raise RuleFailed(Status.FAIL, cause)

    def measure(self, cycle: Sequence[str], verify: Verify) -> None:
        """Measure what the rule's case costs; the score turns it into points.

        Args:
            cycle: slices of work to run in turn, the rule's case among them.
            verify: says what is wrong with a slice's outputs, or "".

        Raises:
            RuleFailed: the outputs are wrong, or the submission could not do the work.
        """
        self._measured(lambda: self._costs.measure(self.rule, cycle, verify))

    def converse(self, talk: Callable[[Ask], float]) -> None:
        """Measure an amount of work that is revealed bit by bit; the score turns it into points.

        Args:
            talk: sends messages to the stage's meter, checks what comes back, gives the amount.

        Raises:
            RuleFailed: the answers are wrong, or the submission could not do the work.
        """
        self._measured(lambda: self._costs.converse(talk))

    def _measured(self, measure: Callable[[], Mapping[str, float]]) -> None:
        try:
            self.measured = dict(measure())
        except (WrongOutputs, RequestFailed, WorkerEnded) as error:
            raise not_measured(error) from None

    def cannot(self, why: str) -> NoReturn:
        """Leave the rule undecided: neither the submission nor the grader is at fault.

        Its weight goes to the rules that ask for the same (`instead`).

        Raises:
            RuleFailed: always.
        """
        raise RuleFailed(Status.SKIPPED, Cause(why, "lane"))

    def note(self, text: str) -> None:
        """Have reports show a line with the rule, whatever its verdict."""
        self.notes.append(text)

    def _explained(
        self, program: Program, against: Callable[[], Checker] | None, finding: Finding
    ) -> Cause:
        """Shorten the program as long as it breaks the same invariant, and explain the result."""
        session, language = self.session, self._language
        short = shortest_violation(
            program, finding, self._attempt(against), session, language.simpler
        )
        try:
            seen, found = self._judge(short, against, session.budget)
        except (NotWritten, WorkerEnded, RequestFailed) as error:
            return Cause(f"does not fail the same way twice: {error}", "crash")
        if found is None:
            summary = "failed once, then passed: the submission does not always do the same"
            lines = tuple(map(language.to_python, program))
            return Cause(summary, "violation", finding.violation.invariant, lines, finding.index)
        package = session.staged.package
        return explain_violation(session.stage, language, package, short, seen, found)

    def _ended(self, program: Program, ended: WorkerEnded | RequestFailed) -> RuleFailed:
        kind = ended.kind if isinstance(ended, WorkerEnded) else "crash"
        status = Status.TIMEOUT if kind == "timeout" else Status.FAIL
        language = self._language
        short = shortest_end(program, kind, self._attempt(None), self.session, language.simpler)
        return RuleFailed(status, explain_end(language, short, ended))

    def _stub(self, program: Program) -> Cause:
        seen = observe(self.worker(), program, self.session.budget)
        met = next((one for one in seen if one.error == "NotImplementedError"), None)
        return Cause(met.message if met else "not written yet", "not_attempted")
