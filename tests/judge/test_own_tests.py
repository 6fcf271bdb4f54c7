"""A student's own tests pass if each does on stand-ins or on the student's own earlier stages."""

from __future__ import annotations

from dataclasses import replace

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


def test_a_failing_test_is_told_with_its_reason() -> None:
    failed = replace(run("b"), reasons={"b": "assert 1 == 2 (test_b.py:3)"})
    cause = judge_own("1.Q6", failed).cause
    assert cause is not None and cause.notes == ("b fails: assert 1 == 2 (test_b.py:3)",)


def test_what_the_tests_cost_is_told_whatever_they_say() -> None:
    for one in (run(), run("a"), run(ended="used up")):
        dear = replace(one, total=1.23, seconds={"b": 0.9, "a": 0.1})
        (note,) = judge_own("1.Q6", dear).notes
        assert note == "1.2 of 5 CPU seconds used; the most by b 0.9, a 0.1"


def test_where_the_tests_do_not_end_the_other_run_counts() -> None:
    assert best_of([run(ended="timeout"), run("a")]) == run("a")
    assert best_of([run(ended="timeout"), run(ended="crash")]).ended == "timeout"
