"""A rule is run if what it requires has passed."""

from __future__ import annotations

from pathlib import Path

from autograder.scoring.outcome import Status
from tests.judge.bench import (
    HEAD,
    LEDGER,
    STUB,
    local_session,
    make_stage,
    make_submission,
    outcomes_of,
    rule_of,
)
from tests.judge.graded import WRONG, graded, statuses

TWO = """
@rule("90.1")
def test_a(judge): judge.check(new(), total())

@rule("90.2")
def test_b(judge): assert not FORBIDDEN, "must not run"

FORBIDDEN = True
"""
NEEDS = {"90.2": ("90.1",)}


def test_a_rule_whose_requirement_passed_is_run(folder: Path) -> None:
    tests = TWO.replace("FORBIDDEN = True", "FORBIDDEN = False")
    outcomes = graded(folder, tests, "90.1", "90.2", requires=NEEDS)
    assert set(statuses(outcomes).values()) == {Status.PASS}


def test_a_rule_whose_requirement_failed_is_blocked_and_not_run(folder: Path) -> None:
    outcomes = graded(folder, TWO, "90.1", "90.2", requires=NEEDS, ledger=WRONG)
    assert statuses(outcomes) == {"90.1": Status.FAIL, "90.2": Status.BLOCKED}
    cause = outcomes["90.2"].cause
    assert cause is not None and cause.kind == "requires" and "90.1" in cause.summary


def test_a_rule_that_stands_on_a_stub_is_not_attempted_either(folder: Path) -> None:
    outcomes = graded(folder, TWO, "90.1", "90.2", requires=NEEDS, ledger=STUB)
    assert set(statuses(outcomes).values()) == {Status.NOT_ATTEMPTED}
    cause = outcomes["90.1"].cause
    assert cause is not None and cause.summary == "Ledger.__init__ is not written yet"


def test_a_rule_that_stands_on_a_stub_and_on_a_failure_is_blocked(folder: Path) -> None:
    tests = """
@rule("90.1")
def test_a(judge): judge.check(new(), put("a", 1))

@rule("90.2")
def test_b(judge): judge.check(new(), put("a", 1), drop("a[0]"))

@rule("90.3")
def test_c(judge): raise AssertionError
"""
    ledger = LEDGER.replace("return [amount]", "return [7]").replace(
        "self._amounts.remove(amount)", 'raise NotImplementedError("drop")'
    )
    made = (
        rule_of("90.1", module="ledger", invariants=("L2",)),
        rule_of("90.2", module="ledger", invariants=("L1",)),
        rule_of("90.3", module="ledger", requires=("90.1", "90.2")),
    )
    stage = make_stage(folder, made, HEAD + tests)
    own = make_submission(folder.parent / "own", ledger)
    assert statuses(dict(outcomes_of(local_session(stage, own)))) == {
        "90.1": Status.FAIL,
        "90.2": Status.NOT_ATTEMPTED,
        "90.3": Status.BLOCKED,
    }


def test_a_rule_that_stands_on_an_undecided_one_is_undecided(folder: Path) -> None:
    tests = TWO.replace("judge.check(new(), total())", "raise KeyError('ours')")
    outcomes = graded(folder, tests, "90.1", "90.2", requires=NEEDS)
    assert set(statuses(outcomes).values()) == {Status.ERROR}
    cause = outcomes["90.2"].cause
    assert cause is not None and cause.kind == "grader" and "90.1" in cause.summary


def test_a_requirement_that_was_not_asked_for_does_not_block(folder: Path) -> None:
    rules = (rule_of("90.1"), rule_of("90.2", requires=("90.1",)))
    stage = make_stage(folder, rules, HEAD + TWO.replace("FORBIDDEN = True", "FORBIDDEN = False"))
    session = local_session(stage, make_submission(folder.parent / "own"))
    assert outcomes_of(session, "90.2")["90.2"].status is Status.PASS
