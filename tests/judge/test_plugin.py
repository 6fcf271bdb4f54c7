"""Every wanted rule gets exactly one outcome, whatever its test or the submission does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.judge.faults import GraderFault
from autograder.judge.run_rules import run_rules
from autograder.rubric.model import Axis
from autograder.scoring.outcome import Outcome, Status
from tests.judge.bench import (
    DEFAULT_RULES,
    HEAD,
    local_session,
    make_stage,
    make_submission,
    outcomes_of,
    rule_of,
)
from tests.judge.graded import WRONG, graded, statuses

THREE = """
@rule("90.3")
def test_c(judge): judge.check(new(), total())

@rule("90.1")
def test_a(judge): judge.check(new(), put("a", -1))

@rule("90.2")
def test_b(judge): judge.check(new(), put("b", 1), total())
"""


def test_rules_fall_in_the_order_of_the_rubric(folder: Path) -> None:
    outcomes = graded(folder, THREE, "90.1", "90.2", "90.3")
    assert list(outcomes) == ["90.1", "90.2", "90.3"]
    assert set(statuses(outcomes).values()) == {Status.PASS}
    assert all(outcome.share == 1 and outcome.cause is None for outcome in outcomes.values())


def test_only_wanted_rules_are_decided(folder: Path) -> None:
    stage = make_stage(folder)
    session = local_session(stage, make_submission(folder.parent / "own"))
    assert list(outcomes_of(session, "90.2")) == ["90.2"]
    assert list(outcomes_of(session, "90.9")) == []


def test_a_rule_that_is_broken_fails_and_others_do_not(folder: Path) -> None:
    outcomes = graded(folder, THREE, "90.1", "90.2", "90.3", ledger=WRONG)
    assert statuses(outcomes) == {
        "90.1": Status.PASS,
        "90.2": Status.FAIL,
        "90.3": Status.FAIL,
    }
    assert outcomes["90.2"].share == 0


def test_notes_are_kept_whatever_becomes_of_the_rule(folder: Path) -> None:
    tests = """
@rule("90.1")
def test_a(judge):
    judge.note("shown with a pass")

@rule("90.2")
def test_b(judge):
    judge.note("shown with a failure")
    judge.check(new(), put("a", 1), total())
"""
    outcomes = graded(folder, tests, "90.1", "90.2", ledger=WRONG)
    assert [(one.status, one.notes) for one in outcomes.values()] == [
        (Status.PASS, ("shown with a pass",)),
        (Status.FAIL, ("shown with a failure",)),
    ]


def test_an_error_in_a_test_is_the_graders_and_the_others_still_run(folder: Path) -> None:
    tests = """
@rule("90.1")
def test_a(judge): raise KeyError("a bug of ours")

@rule("90.2")
def test_b(judge): assert 1 == 2

@rule("90.3")
def test_c(judge): judge.check(new(), total())
"""
    outcomes = graded(folder, tests, "90.1", "90.2", "90.3")
    assert statuses(outcomes) == {
        "90.1": Status.ERROR,
        "90.2": Status.ERROR,
        "90.3": Status.PASS,
    }
    cause = outcomes["90.1"].cause
    assert cause is not None and cause.kind == "grader" and "a bug of ours" in cause.summary
    assert any("KeyError" in note for note in cause.notes)


def test_a_fault_of_the_grader_restarts_the_workers_and_decides_nothing(folder: Path) -> None:
    tests = """
from autograder.judge.faults import GraderFault

@rule("90.1")
def test_a(judge): raise GraderFault("no worker to be had")

@rule("90.2")
def test_b(judge): judge.check(new(), total())
"""
    stage = make_stage(folder, (rule_of("90.1"), rule_of("90.2")), HEAD + tests)
    session = local_session(stage, make_submission(folder.parent / "own"))
    restarts = []
    session.restart = lambda: restarts.append(1)  # type: ignore[method-assign]
    outcomes = outcomes_of(session)
    assert statuses(dict(outcomes)) == {"90.1": Status.ERROR, "90.2": Status.PASS}
    assert len(restarts) == 1


def test_the_submissions_end_fails_the_rule_that_sees_it(folder: Path) -> None:
    tests = """
from autograder.judge.faults import WorkerEnded, RequestFailed

@rule("90.1")
def test_a(judge): raise WorkerEnded("crash", "exit status 3")

@rule("90.2")
def test_b(judge): raise RequestFailed("TypeError", "odd", "")
"""
    outcomes = graded(folder, tests, "90.1", "90.2")
    assert set(statuses(outcomes).values()) == {Status.FAIL}
    assert outcomes["90.1"].cause is not None and outcomes["90.1"].cause.kind == "crash"


# ---- time ----------------------------------------------------------------------------------------


def test_when_the_time_is_up_what_is_left_is_too_slow_and_not_run(folder: Path) -> None:
    tests = """
@rule("90.1")
def test_a(judge): type(judge.session).time_is_up = True

@rule("90.2")
def test_b(judge): raise AssertionError
"""
    stage = make_stage(folder, (rule_of("90.1"), rule_of("90.2")), HEAD + tests)
    session = local_session(stage, make_submission(folder.parent / "own"))
    session.__class__ = type("Timed", (type(session),), {"time_is_up": False})
    outcomes = outcomes_of(session)
    assert statuses(dict(outcomes)) == {"90.1": Status.PASS, "90.2": Status.TIMEOUT}
    cause = outcomes["90.2"].cause
    assert cause is not None and cause.kind == "budget"


# ---- pytest itself -------------------------------------------------------------------------------


def test_tests_that_cannot_be_collected_are_a_fault_of_the_grader(folder: Path) -> None:
    stage = make_stage(folder, tests="def (:\n")
    session = local_session(stage, make_submission(folder.parent / "own"))
    with pytest.raises(GraderFault):
        outcomes_of(session)


def test_an_interrupt_from_the_keyboard_is_let_through(folder: Path) -> None:
    session = local_session(make_stage(folder), make_submission(folder.parent / "own"))

    def record(outcome: Outcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_rules(session, {"90.1"}, record)


def test_files_beside_the_tests_do_not_change_how_they_run(folder: Path) -> None:
    stage = make_stage(folder)
    for name in ("conftest.py", "public/conftest.py"):
        (folder / name).write_text("raise SystemExit(1)\n", encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n", encoding="utf-8")
    outcomes = outcomes_of(local_session(stage, make_submission(folder.parent / "own")))
    assert len(outcomes) == 3


def test_two_stages_may_have_test_files_of_the_same_name(tmp_path: Path) -> None:
    second = tmp_path / "90_ledger_again"
    own = make_submission(tmp_path / "own")
    for folder, rule in ((tmp_path / "90_ledger", "90.1"), (second, "90.2")):
        tests = f'{HEAD}\n@rule("{rule}")\ndef test_it(judge): pass\n'
        stage = make_stage(folder, (rule_of(rule),), tests)
        assert list(outcomes_of(local_session(stage, own))) == [rule]


def test_hidden_tests_are_run_like_public_ones(folder: Path) -> None:
    stage = make_stage(folder, (*DEFAULT_RULES, rule_of("90.4")))
    (folder / "hidden").mkdir()
    (folder / "hidden" / "test_more.py").write_text(
        HEAD + '@rule("90.4")\ndef test_it(judge): judge.check(new(), total())\n', encoding="utf-8"
    )
    outcomes = outcomes_of(local_session(stage, make_submission(folder.parent / "own")))
    assert list(outcomes) == ["90.1", "90.2", "90.3", "90.4"]


def test_performance_rules_leave_their_share_to_the_score(folder: Path) -> None:
    tests = '\n@rule("90.P1")\ndef test_cost(judge): judge.measure(("total",), lambda *_: "")\n'
    rule = rule_of("90.P1", Axis.PERFORMANCE, module="ledger", case="total")
    stage = make_stage(folder, (rule,), HEAD + tests)
    own = make_submission(folder.parent / "own")
    outcome = outcomes_of(local_session(stage, own))["90.P1"]
    assert (outcome.status, outcome.share) == (Status.PASS, 0)
    assert set(outcome.measured) == {
        "steps_small",
        "steps_large",
        "seconds_small",
        "seconds_large",
    }
    assert replace(outcome, measured={}).cause is None


LANES = """
@rule("90.1")
def test_a(judge): judge.check(new(), total())

@rule("90.2")
def test_b(judge): judge.cannot("no machine could")

@rule("90.3")
def test_c(judge): judge.check(new(), total())
"""


def test_a_rule_whose_lane_is_not_here_is_skipped_and_blocks_nothing(folder: Path) -> None:
    made = (
        rule_of("90.1", lane="gpu"),
        rule_of("90.2"),
        rule_of("90.3", requires=("90.1", "90.2")),
    )
    session = local_session(
        make_stage(folder, made, HEAD + LANES), make_submission(folder.parent / "own")
    )
    session.lanes = {"gpu": "there is no driver", "fast": ""}
    outcomes = dict(outcomes_of(session))
    assert statuses(outcomes) == {
        "90.1": Status.SKIPPED,
        "90.2": Status.SKIPPED,
        "90.3": Status.PASS,
    }
    causes = [outcomes[one].cause for one in ("90.1", "90.2")]
    assert [one.kind for one in causes if one] == ["lane", "lane"]
    assert causes[0] and "there is no driver" in causes[0].summary


def test_a_rule_whose_lane_is_here_is_decided(folder: Path) -> None:
    made = (rule_of("90.1", lane="fast"), rule_of("90.2"), rule_of("90.3"))
    session = local_session(
        make_stage(folder, made, HEAD + LANES), make_submission(folder.parent / "own")
    )
    session.lanes = {"fast": ""}
    assert statuses(dict(outcomes_of(session, "90.1"))) == {"90.1": Status.PASS}


def test_a_stub_that_a_test_runs_into_is_not_attempted(folder: Path) -> None:
    tests = """
from autograder.judge.faults import RequestFailed, WorkerEnded

@rule("90.1")
def test_a(judge): raise RequestFailed("NotImplementedError", "not written yet", "")

@rule("90.2")
def test_b(judge): raise WorkerEnded("timeout", "still running")

@rule("90.3")
def test_c(judge): raise RequestFailed("ValueError", "7", "")
"""
    assert statuses(graded(folder, tests, "90.1", "90.2", "90.3")) == {
        "90.1": Status.NOT_ATTEMPTED,
        "90.2": Status.TIMEOUT,
        "90.3": Status.FAIL,
    }
