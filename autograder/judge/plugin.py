"""The pytest plugin that turns rule tests into outcomes: one per rule, whatever happens."""

from __future__ import annotations

import time
import traceback
from bdb import BdbQuit
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from autograder.judge.costs import Costs
from autograder.judge.faults import GraderFault, RequestFailed, WorkerEnded
from autograder.judge.rule_failed import RuleFailed
from autograder.judge.rules import Judge
from autograder.judge.session import Session
from autograder.judge.stage_package import stage_language
from autograder.rubric.model import Axis, Rule
from autograder.scoring.outcome import Cause, Outcome, Status

Record = Callable[[Outcome], None]

LONGEST_REASON = 160
"""Characters that a blocked rule repeats of the one it waits for."""
ENOUGH = (None, Status.PASS, Status.SKIPPED)
"""Of a required rule: not asked for, passed, or not to be decided on this machine."""


class GradingPlugin:
    """Runs the wanted rules of one session in rubric order and records an outcome for each."""

    interrupted = False
    """Somebody pressed ^C: pytest does not let that through."""

    def __init__(self, session: Session, wanted: Collection[str], record: Record) -> None:
        self._session = session
        self._wanted = wanted
        self._record = record
        self._language = stage_language(session.stage)
        self._costs = Costs(session)
        self._status: dict[str, Status] = {}
        self._why: dict[str, str] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Declare the marker that `rule` sets."""
        config.addinivalue_line("markers", "rule(id): the rule of stage.toml that a test decides")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the wanted rules, in the rubric's order."""
        order = [rule.id for rule in self._session.stage.rules]
        items[:] = [item for item in items if _rule_id(item) in self._wanted]
        items.sort(key=lambda item: order.index(_rule_id(item)))
        rules = [self._session.stage.rule(_rule_id(item)) for item in items]
        if (
            any(rule.axis is Axis.PERFORMANCE for rule in rules)
            and not self._session.import_failures
        ):
            self._costs.start()

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember it, unless it is pytest's own way to stop."""
        self.interrupted = excinfo.type is KeyboardInterrupt

    @pytest.fixture
    def judge(self, request: pytest.FixtureRequest) -> Iterator[Judge]:
        """The rule's judge, with workers of its own."""
        rule = self._session.stage.rule(_rule_id(request.node))
        if request.node is request.session.items[-1]:
            self._session.keeps_spare = False  # nobody would ask for it
        judge = Judge(rule, self._session, self._language, self._costs)
        yield judge
        judge.close()

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Decide the rule. No exception leaves here: each has its outcome."""
        judge = pyfuncitem.funcargs["judge"]
        assert isinstance(judge, Judge)
        reason = self._not_now(judge.rule)
        if reason is not None:
            self._note(Outcome(judge.rule.id, reason[0], cause=reason[1]))
            pyfuncitem.obj = lambda **_: None
            return (yield)
        start = time.perf_counter()
        status, cause = Status.PASS, None
        try:
            yield
        except BdbQuit:
            raise KeyboardInterrupt from None  # somebody has left the debugger: no verdict
        except RuleFailed as failed:
            status, cause = failed.status, failed.cause
        except (WorkerEnded, RequestFailed) as ended:
            status, cause = _ended(ended)
        except GraderFault as fault:
            status, cause = Status.ERROR, Cause(str(fault), "grader")
            self._costs.close()
            self._session.restart()
        except Exception as error:
            lines = tuple("".join(traceback.format_exception(error)).splitlines())
            status, cause = Status.ERROR, Cause(
                f"{type(error).__name__}: {error}", "grader", notes=lines
            )
        seconds = round(time.perf_counter() - start, 3)
        share = Fraction(status is Status.PASS and judge.rule.axis is Axis.CORRECTNESS)
        outcome = Outcome(judge.rule.id, status, share, cause=cause, seconds=seconds)
        self._note(replace(outcome, measured=judge.measured, notes=tuple(judge.notes)))
        return True

    def close(self) -> None:
        """End the workers that outlive a rule."""
        self._costs.close()

    def _note(self, outcome: Outcome) -> None:
        self._status[outcome.rule] = outcome.status
        self._why[outcome.rule] = _in_short(outcome.cause)
        self._record(outcome)

    def _not_now(self, rule: Rule) -> tuple[Status, Cause] | None:
        """Why a rule is not even tried, if it is not."""
        absent = self._session.lanes.get(rule.lane)
        if absent:
            return Status.SKIPPED, Cause(f"the lane {rule.lane} is not here: {absent}", "lane")
        failure = self._session.import_failures.get(rule.module)
        if failure:
            return Status.BLOCKED, Cause(failure.summary, failure.kind, place=failure.place)
        missing = [one for one in rule.requires if self._status.get(one) not in ENOUGH]
        if missing:
            undecided = [one for one in missing if self._status[one] is Status.ERROR]
            if undecided:
                return Status.ERROR, Cause(f"waits for rule {undecided[0]}, undecided", "grader")
            if all(self._status[one] is Status.NOT_ATTEMPTED for one in missing):
                return Status.NOT_ATTEMPTED, Cause(f"waits for rule {missing[0]}", "not_attempted")
            shown = self._session.stage.rule(missing[0]).visible
            why = self._why[missing[0]] if shown else ""
            return Status.BLOCKED, Cause(f"waits for rule {missing[0]} to pass{why}", "requires")
        if self._session.time_is_up:
            seconds = self._session.stage.limits.stage_wall_seconds
            text = f"the {seconds:g} seconds of this stage were used up by earlier rules"
            return Status.TIMEOUT, Cause(text, "budget")
        return None


def _in_short(cause: Cause | None) -> str:
    """The first line of why a rule did not pass, to go on with; "" if it did."""
    said = (cause.observed or cause.summary) if cause else ""
    return f", which says: {said[:LONGEST_REASON]}" if said else ""


def _ended(ended: WorkerEnded | RequestFailed) -> tuple[Status, Cause]:
    """The verdict on work that did not come to its end, and that no test explains better."""
    if isinstance(ended, RequestFailed) and ended.error == "NotImplementedError":
        return Status.NOT_ATTEMPTED, Cause(str(ended), "not_attempted", place=ended.place)
    if isinstance(ended, WorkerEnded) and ended.kind == "timeout":
        return Status.TIMEOUT, Cause(str(ended), "timeout")
    return Status.FAIL, Cause(str(ended), "crash")


def _rule_id(item: pytest.Item) -> str:
    marker = item.get_closest_marker("rule")
    return str(marker.args[0]) if marker else ""
