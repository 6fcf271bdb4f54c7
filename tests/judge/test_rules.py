"""What fails a rule, and how the failure is explained: shortened, and with the student's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from autograder.judge.costs import Costs
from autograder.judge.counted import WrongOutputs
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.rule_failed import RuleFailed
from autograder.judge.rules import Judge
from autograder.judge.worker import Worker
from autograder.program.model import Observation, Op, Violation
from autograder.scoring.outcome import Status
from tests.judge.bench import LEDGER, STUB, rule_of
from tests.judge.ledger.language import drop, new, put, total
from tests.judge.scripted import ALL, LONG, Make, failure
from tests.judge.test_rule_ends import ends_on


def test_a_program_that_keeps_the_contract_shows_what_it_did(make: Make) -> None:
    seen = make().check(new(), put("a", 3), total())
    assert [one.result for one in seen] == [None, [3], 3]


def test_a_violation_is_told_by_the_shortest_program(make: Make) -> None:
    judge = make(LEDGER.replace("self._amounts.remove(amount)", "pass"))
    status, cause = failure(judge, *LONG)
    assert status is Status.FAIL
    assert (cause.kind, cause.invariant) == ("violation", "L1")
    assert cause.summary == "the total is the sum of what was put"
    assert cause.program == (
        "ledger = Ledger()",
        "a2 = ledger.put(1)",
        "ledger.drop(a2[0])",
        "ledger.total()",
    )
    assert cause.failing_line == 3
    assert (cause.expected, cause.observed) == ("0", "1")
    assert cause.notes == ("before  total 1", "after   total 1")


def test_the_place_of_a_violation_is_the_function_that_was_called(make: Make) -> None:
    judge = make(LEDGER.replace("return [amount]", "return [amount + 1]"))
    _, cause = failure(judge, new(), put("a", 3))
    assert cause.place == "pagedlab/ledger.py:6, Ledger.put"


def test_an_error_where_none_is_due_fails_every_rule(make: Make) -> None:
    judge = make(
        LEDGER.replace("return sum(self._amounts)", "return 1 // len(self._amounts)"),
        rule_of("90.1", invariants=("L3",), module="ledger"),
    )
    status, cause = failure(judge, *LONG[:1], total(), *LONG[1:])
    assert (status, cause.kind, cause.invariant) == (Status.FAIL, "exception", "")
    assert cause.program == ("ledger = Ledger()",)
    assert cause.observed == "raises ZeroDivisionError"
    assert cause.place == "pagedlab/ledger.py:20, total"


def test_a_rule_judges_its_own_invariants_alone(make: Make) -> None:
    wrong_sum = LEDGER.replace("return sum(self._amounts)", "return 99")
    judge = make(wrong_sum, rule_of("90.1", invariants=("L2", "L3"), module="ledger"))
    judge.check(*LONG)


def test_another_checker_judges_everything(make: Make) -> None:
    class Never:
        def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
            if op.name == "put":
                yield Violation("L2", "nothing is put", f"{seen.result}")

    judge = make(rule=rule_of("90.1", invariants=("L1",), module="ledger"))
    _, cause = failure(judge, *LONG, against=Never)
    assert cause.program == ("ledger = Ledger()", "a0 = ledger.put(0)")
    assert cause.observed == "[0]"


def test_a_submission_that_skips_everything_passes_nothing(make: Make) -> None:
    judge = make(
        "import sys\n"
        "class Ledger:\n"
        "    def __init__(self):\n"
        "        raise sys.modules['autograder.worker.driver'].Undefined('ledger')\n"
    )
    status, cause = failure(judge, *LONG)
    assert (status, cause.program) == (Status.FAIL, ("ledger = Ledger()",))


def test_a_submission_that_skips_one_operation_is_caught_there(make: Make) -> None:
    judge = make(
        LEDGER.replace(
            "return sum(self._amounts)",
            "import sys; raise sys.modules['autograder.worker.driver'].Undefined('x')",
        )
    )
    status, cause = failure(judge, new(), put("a", 1), total())
    assert (status, cause.failing_line) == (Status.FAIL, len(cause.program) - 1)


def test_what_cannot_be_run_may_be_skipped(make: Make) -> None:
    seen = make().check(new(), put("a", -1), drop("a[0]"), total())
    assert [one.skipped for one in seen] == [False, False, True, False]


def test_a_stub_is_not_attempted(make: Make) -> None:
    status, cause = failure(make(STUB), *LONG)
    assert (status, cause.kind) == (Status.NOT_ATTEMPTED, "not_attempted")
    assert cause.summary == "Ledger.__init__ is not written yet"


def test_many_programs_are_checked_until_one_fails(make: Make) -> None:
    judge = make(LEDGER.replace("raise ValueError(amount)", "pass"))
    with pytest.raises(RuleFailed) as raised:
        judge.check_all([(new(), total()), (new(), put("a", -2)), (new(), put("b", -3))])
    assert raised.value.cause.program[-1].startswith("a = ")


def test_a_relation_between_observations_can_fail_a_rule(make: Make) -> None:
    with pytest.raises(RuleFailed) as raised:
        make().fail((new(), put("a", 1)), 1, "L2", "a is 2", "a is 1")
    cause = raised.value.cause
    assert (cause.invariant, cause.failing_line, cause.expected) == ("L2", 1, "a is 2")


def test_seeds_follow_from_the_runs_seed_and_the_rule(folder: Path, make: Make) -> None:
    first = make()
    again = Judge(ALL, first.session, first._language, Costs(first.session))
    other = Judge(rule_of("90.2"), first.session, first._language, Costs(first.session))
    seeds = [first.new_seed() for _ in range(3)]
    assert len(set(seeds)) == 3
    assert seeds == [again.new_seed() for _ in range(3)]
    assert seeds != [other.new_seed() for _ in range(3)]


# ---- submissions that do not always do the same --------------------------------------------------


def test_a_failure_that_does_not_come_back_still_fails(make: Make) -> None:
    once = "WRONG = [5]\n" + LEDGER.replace(
        "return [amount]", "return [WRONG.pop() if WRONG else amount]"
    )
    status, cause = failure(make(once), new(), put("a", 1), total())
    assert status is Status.FAIL
    assert "failed once" in cause.summary
    assert len(cause.program) == 3 and cause.invariant == "L2"


def test_a_failure_that_ends_the_worker_the_second_time_still_fails(make: Make) -> None:
    runs: list[int] = []

    def second_time(names: list[str]) -> WorkerEnded | None:
        runs.append(1)
        return WorkerEnded("crash", "exit status 1") if len(runs) > 1 else None

    judge = make(LEDGER.replace("return [amount]", "return []"), ends=second_time)
    status, cause = failure(judge, new(), put("a", 1))
    assert (status, cause.kind) == (Status.FAIL, "crash")


# ---- costs ---------------------------------------------------------------------------------------


class NoCosts(Costs):
    """Raises, or gives, what it was made with."""

    def __init__(self, result: Any) -> None:
        self._result = result

    def measure(self, case: str, cycle: Any, verify: Any) -> Mapping[str, float]:
        """The scripted result."""
        if isinstance(self._result, Exception):
            raise self._result
        return {"steps_small": self._result}

    def converse(self, talk: Any) -> Mapping[str, float]:
        """The scripted result, or what is made of it."""
        if isinstance(self._result, Exception):
            raise self._result
        return {"amount": talk(lambda message: self._result)}


@pytest.mark.parametrize(
    "measure",
    [
        lambda judge: judge.measure(("total",), lambda *_: ""),
        lambda judge: judge.converse(lambda ask: 1.0),
    ],
    ids=["measure", "converse"],
)
@pytest.mark.parametrize(
    ("raised", "status", "kind"),
    [
        (WrongOutputs("not all different"), Status.FAIL, "violation"),
        (RequestFailed("ValueError", "odd", "x.py:1"), Status.FAIL, "exception"),
        (RequestFailed("NotImplementedError", "later", ""), Status.NOT_ATTEMPTED, "not_attempted"),
        (WorkerEnded("timeout", "too long"), Status.TIMEOUT, "timeout"),
        (WorkerEnded("memory", "too much"), Status.FAIL, "memory"),
        (WorkerEnded("crash", "gone"), Status.FAIL, "crash"),
    ],
)
def test_work_that_cannot_be_measured_fails_the_rule(
    make: Make, measure: Callable[[Judge], None], raised: Exception, status: Status, kind: str
) -> None:
    judge = make()
    judge._costs = NoCosts(raised)
    with pytest.raises(RuleFailed) as failed:
        measure(judge)
    assert (failed.value.status, failed.value.cause.kind) == (status, kind)
    assert judge.measured == {}


def test_what_was_measured_is_kept(make: Make) -> None:
    judge = make()
    judge._costs = NoCosts(12.0)
    judge.measure(("total",), lambda *_: "")
    assert judge.measured == {"steps_small": 12.0}
    judge.converse(lambda ask: 2 * float(str(ask("how much?"))))
    assert judge.measured == {"amount": 24.0}


def test_a_look_shows_what_happens_and_decides_nothing(make: Make) -> None:
    judge = make(LEDGER.replace("self._amounts.remove(amount)", "pass"))
    seen = judge.look(new(), put("a", 5), drop("a[0]"), total())
    assert [one.result for one in seen][-1] == 5
    assert judge.look(new(), Op("put", {"amount": "no number"}))[1].error


@pytest.mark.parametrize("kind", ["crash", "timeout"])
def test_a_look_that_never_comes_back_is_empty_and_the_next_program_runs(
    make: Make, kind: str
) -> None:
    judge = make(ends=ends_on("drop", kind))
    assert judge.look(new(), put("a", 5), drop("a[0]")) == []
    assert judge.check(new(), total())[1].result == 0


def test_a_judge_closes_its_worker_once(make: Make) -> None:
    judge = make()
    closed: list[Worker] = []
    worker = judge.worker()
    worker.close = lambda: closed.append(worker) or 0  # type: ignore[method-assign, func-returns-value]
    judge.close()
    judge.close()
    assert closed == [worker]
