"""A student's test counts if it accepts every right submission; wrong ones must make it fail."""

from __future__ import annotations

from fractions import Fraction

import pytest

from autograder.judge.student_test_runs import Run
from autograder.judge.student_tests import judge_runs
from autograder.scoring.outcome import Outcome, Status

TESTS = frozenset({"t::a", "t::b", "t::c"})


def run(*failed: str, ended: str = "", ran: frozenset[str] = TESTS) -> Run:
    return Run(ran, frozenset(failed), ended)


FINE = {"reference": run(), "wheat": run()}


def judged(right: dict[str, Run], *wrong: Run) -> Outcome:
    return judge_runs("1.Q4", right, {f"chaff{n}": one for n, one in enumerate(wrong)})


@pytest.mark.parametrize(
    ("caught", "share"),
    [
        (0, Fraction(0)),
        (1, Fraction(1, 4)),
        (3, Fraction(3, 4)),
        (4, Fraction(1)),
        (5, Fraction(1)),
    ],
)
def test_four_in_five_wrong_submissions_earn_all_points(caught: int, share: Fraction) -> None:
    outcome = judged(FINE, *[run("t::a")] * caught, *[run()] * (5 - caught))
    assert outcome.share == share
    assert outcome.status is (Status.PASS if share == 1 else Status.FAIL)
    assert outcome.measured == {"caught": caught}


def test_a_test_that_rejects_a_right_submission_does_not_count() -> None:
    right = {**FINE, "wheat": run("t::a")}
    outcome = judged(right, run("t::a"), run("t::a"), run("t::b"), run("t::a", "t::c"))
    assert outcome.measured == {"caught": 2}
    assert outcome.cause is not None
    assert outcome.cause.summary == "2 of 3 tests count; they catch 2 of 4 wrong submissions"
    assert outcome.cause.notes == ("t::a rejects a correct submission: it does not count",)


def test_tests_that_reject_everything_catch_nothing() -> None:
    nothing_right = {"reference": run(*TESTS), "wheat": run(*TESTS)}
    assert judged(nothing_right, run(*TESTS), run(ended="exit status 1")).share == 0


def test_without_a_test_that_ran_nothing_is_caught() -> None:
    none = frozenset[str]()
    empty = {"reference": run(ran=none), "wheat": run(ran=none)}
    assert judged(empty, run(ended="gone", ran=none), run("t.py", ran=none)).share == 0


@pytest.mark.parametrize("ended", ["timeout", "exit status 0"])
def test_tests_that_do_not_end_on_a_right_submission_catch_nothing(ended: str) -> None:
    right = {**FINE, "wheat": run(ended=ended, ran=frozenset())}
    outcome = judged(right, run("t::a"), run("t::b"))
    assert outcome.share == 0
    assert outcome.cause is not None and ended in " ".join(outcome.cause.notes)


def test_a_wrong_submission_that_ends_or_stalls_the_tests_is_caught() -> None:
    assert judged(FINE, run(ended="still running", ran=frozenset())).share == 1


def test_a_wrong_submission_on_which_a_file_cannot_be_imported_is_caught() -> None:
    assert judged(FINE, run("t.py", ran=frozenset())).share == 1


def test_a_wrong_submission_on_which_tests_just_do_not_run_is_not_caught() -> None:
    assert judged(FINE, run(ran=frozenset())).share == 0


def test_a_file_that_can_never_be_imported_costs_its_own_tests_alone() -> None:
    right = {"reference": run("bad.py"), "wheat": run("bad.py")}
    outcome = judged(right, run("bad.py", "t::a"), run("bad.py"))
    assert outcome.measured == {"caught": 1}
    assert outcome.cause is not None
    assert outcome.cause.summary.startswith("3 of 4 tests count")
