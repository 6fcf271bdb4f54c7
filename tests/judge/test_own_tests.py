"""A student's own tests pass if each does on stand-ins or on the student's own earlier stages."""

from __future__ import annotations

from autograder.judge.own_tests import best_of, judge_own
from autograder.judge.student_test_runs import Run
from autograder.scoring.outcome import Status


def run(*failed: str, ended: str = "") -> Run:
    names = frozenset() if ended else frozenset({"a", "b"})
    return Run(names, frozenset(failed), ended)


def test_a_test_that_passes_on_one_of_the_two_passes() -> None:
    assert judge_own("1.Q6", best_of([run("a"), run("b")])).status is Status.PASS


def test_a_test_that_passes_on_neither_fails() -> None:
    outcome = judge_own("1.Q6", best_of([run("a", "b"), run("b")]))
    assert outcome.status is Status.FAIL
    assert outcome.cause is not None
    assert outcome.cause.notes == ("b fails",)


def test_where_the_tests_do_not_end_the_other_run_counts() -> None:
    assert best_of([run(ended="timeout"), run("a")]) == run("a")
    assert best_of([run(ended="timeout"), run(ended="crash")]).ended == "timeout"
