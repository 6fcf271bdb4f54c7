"""A submission that ends its worker fails the rule, by the shortest program that does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.judge.clock import Budget
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.local import LocalSession
from autograder.scoring.outcome import Status
from tests.judge.bench import LEDGER
from tests.judge.ledger.language import drop, new, put, total
from tests.judge.scripted import LONG, Make, failure


def ends_on(name: str, kind: str) -> Callable[[list[str]], WorkerEnded | None]:
    return lambda names: WorkerEnded(kind, f"{kind} it is") if name in names else None


@pytest.mark.parametrize("kind", ["crash", "protocol", "memory"])
def test_an_end_is_told_by_the_shortest_program_that_ends_the_same_way(
    make: Make, kind: str
) -> None:
    judge = make(ends=ends_on("drop", kind))
    status, cause = failure(judge, new(), put("a", 5), put("b", 5), drop("a[0]"), total())
    assert (status, cause.kind, cause.summary) == (Status.FAIL, kind, f"{kind} it is")
    assert cause.program == ("ledger = Ledger()", "ledger.drop(a[0])")
    assert cause.failing_line == 1


def test_a_timeout_is_its_own_status_and_is_tried_again_with_little_time(make: Make) -> None:
    budgets: list[Budget] = []
    judge = make(ends=ends_on("drop", "timeout"))
    attempt = judge._judge
    judge._judge = lambda program, against, budget: (  # type: ignore[method-assign]
        budgets.append(budget),
        attempt(program, against, budget),
    )[1]
    status, cause = failure(judge, new(), put("a", 5), drop("a[0]"))
    assert (status, cause.kind) == (Status.TIMEOUT, "timeout")
    assert len(cause.program) == 2
    assert budgets[0] == judge.session.budget
    assert 1 < len(budgets) <= 7
    assert all(one.cpu_seconds < 0.5 and one.wall_seconds == 2.0 for one in budgets[1:])


def test_only_the_first_program_that_stalls_is_shortened(make: Make) -> None:
    judge = make(ends=ends_on("drop", "timeout"))
    program = (new(), put("a", 5), drop("a[0]"))
    assert len(failure(judge, *program)[1].program) == 2
    assert len(failure(judge, *program)[1].program) == 3


def test_nothing_is_shortened_when_the_time_is_up(make: Make) -> None:
    broken = make(LEDGER.replace("self._amounts.remove(amount)", "pass"))
    runs: list[int] = []
    broken.session.__class__ = type("Late", (LocalSession,), {"time_is_up": True})
    attempt = broken._judge
    broken._judge = lambda *args: (runs.append(1), attempt(*args))[1]  # type: ignore[method-assign]
    _, cause = failure(broken, *LONG)
    assert cause.invariant == "L1" and len(cause.program) > 4
    assert len(runs) == 2


def test_nothing_is_shortened_where_nobody_reads_it(make: Make) -> None:
    broken = make(LEDGER.replace("self._amounts.remove(amount)", "pass"))
    broken.session.shortens = False
    status, cause = failure(broken, *LONG)
    assert (status, cause.invariant) == (Status.FAIL, "L1")
    assert len(cause.program) == len(LONG)


def test_no_end_is_shortened_where_nobody_reads_it(make: Make) -> None:
    judge = make(ends=ends_on("drop", "timeout"))
    judge.session.shortens = False
    program = (new(), put("a", 5), drop("a[0]"), total())
    assert len(failure(judge, *program)[1].program) == len(program)


def test_an_end_is_not_shortened_to_a_program_that_ends_otherwise(make: Make) -> None:
    def ends(names: list[str]) -> WorkerEnded | None:
        if "drop" not in names:
            return None
        return WorkerEnded("memory" if "put" in names else "crash", "gone")

    _, cause = failure(make(ends=ends), new(), put("a", 5), put("b", 5), drop("a[0]"))
    assert cause.kind == "memory"
    assert [line.partition("(")[0] for line in cause.program][-1] == "ledger.drop"
    assert len(cause.program) == 3


def test_after_an_end_there_is_a_fresh_worker(make: Make) -> None:
    judge = make(ends=ends_on("drop", "crash"))
    failure(judge, new(), put("a", 1), drop("a[0]"))
    first = judge.worker()
    assert judge.check(new(), total())[1].result == 0
    assert judge.worker() is first
    assert type(first).started > 1  # type: ignore[attr-defined]


def test_a_request_that_failed_is_a_crash_with_its_place(make: Make) -> None:
    def refuses(names: list[str]) -> RequestFailed | None:
        return RequestFailed("TypeError", "no driver", "pagedlab/ledger.py:3, x") if names else None

    status, cause = failure(make(ends=refuses), new(), total())
    assert (status, cause.kind) == (Status.FAIL, "crash")
    assert (cause.summary, cause.place) == ("TypeError: no driver", "pagedlab/ledger.py:3, x")
