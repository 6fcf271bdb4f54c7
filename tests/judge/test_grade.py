"""One submission is graded to its end, whatever fails on the way, and nothing is left over."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograder.judge import grade
from autograder.judge.faults import GraderFault
from autograder.judge.grade import Job, grade_stage
from autograder.judge.parents import Parents
from autograder.judge.stage_package import import_stage
from autograder.judge.staging import NothingToGrade
from autograder.quality.static import Pending
from autograder.rubric.model import Axis, Stage
from autograder.sandbox.isolation import Isolation
from autograder.scoring.outcome import Cause, Outcome, Status
from tests.judge.bench import LEDGER, RULES, make_stage, make_submission, rule_of

ALL = (
    rule_of("90.1", invariants=("L1",), module="ledger"),
    rule_of("90.2", invariants=("L3",), module="ledger"),
    rule_of("90.3", module="book"),
    rule_of("90.Q1", Axis.QUALITY, check="format"),
    rule_of("90.Q2", Axis.QUALITY, check="student_tests"),
    rule_of("90.D1", Axis.DOCUMENTATION, check="claims"),
    rule_of("90.D2", Axis.DOCUMENTATION, check="examples"),
    rule_of("90.D3", Axis.DOCUMENTATION, check="human"),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with given files, and nothing else."""
    given = tmp_path / "root" / "assignments" / "given"
    given.mkdir(parents=True)
    (given / "__init__.py").write_text("", encoding="utf-8")
    return tmp_path / "root"


@pytest.fixture
def stage(folder: Path) -> Stage:
    stage = make_stage(folder, ALL, RULES)
    (folder / "chaffs.toml").write_text("chaffs = []\n", encoding="utf-8")
    return stage


@pytest.fixture(autouse=True)
def _scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Nothing stays behind in the folder for temporary files; pytest's own is made before."""
    with tempfile.TemporaryDirectory(prefix="pagedlab-test-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", place)
        yield
        left = [path.name for path in Path(place).iterdir()]
    assert left == []


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The static checks and the student's tests have tests of their own."""
    known = [Outcome("90.Q1", Status.PASS, Fraction(1)), Outcome("90.Q9", Status.PASS)]
    monkeypatch.setattr(grade, "start", lambda *_: Pending(known))
    passed = Outcome("90.Q2", Status.PASS, Fraction(1))
    monkeypatch.setattr(grade, "grade_student_tests", lambda *_: passed)


def graded(
    root: Path, stage: Stage, own: Path, isolation: Isolation, *rules: str
) -> dict[str, Outcome]:
    found: list[Outcome] = []
    with Parents(isolation) as parents:
        job = Job(root, own, parents, 1, root / "cache", frozenset(rules))
        grade_stage(job, stage, found.append)
    assert len({outcome.rule for outcome in found}) == len(found)
    return {outcome.rule: outcome for outcome in found}


def test_a_job_that_shortens_nothing_comes_to_the_same_verdict(
    root: Path, stage: Stage, tmp_path: Path, isolation: Isolation
) -> None:
    broken = LEDGER.replace("self._amounts.remove(amount)", "pass")
    own = make_submission(tmp_path / "own", broken)
    found: dict[bool, Outcome] = {}
    for shortens in (True, False):
        outcomes: list[Outcome] = []
        with Parents(isolation) as parents:
            wanted = frozenset({"90.1"})
            job = Job(root, own, parents, 1, root / "cache", wanted, shortens=shortens)
            grade_stage(job, stage, outcomes.append)
        (found[shortens],) = outcomes
    causes = {shortens: outcome.cause for shortens, outcome in found.items()}
    assert found[True].status == found[False].status == Status.FAIL
    assert causes[True] is not None and causes[False] is not None
    assert len(causes[True].program) < len(causes[False].program)


def statuses(outcomes: dict[str, Outcome]) -> dict[str, str]:
    return {rule: outcome.status.value for rule, outcome in outcomes.items()}


def design(own: Path) -> Path:
    (own / "design.toml").write_text('[stage90]\nempty = "0"\n', encoding="utf-8")
    return own


def test_every_rule_that_needs_no_person_is_decided(
    root: Path, stage: Stage, tmp_path: Path, isolation: Isolation
) -> None:
    own = design(make_submission(tmp_path / "own"))
    assert statuses(graded(root, stage, own, isolation)) == {
        "90.1": "pass",
        "90.2": "pass",
        "90.3": "pass",
        "90.Q1": "pass",
        "90.Q2": "pass",
        "90.D1": "fail",
        "90.D2": "pass",
    }


def test_only_the_rules_that_are_wanted_are_decided(
    root: Path, stage: Stage, tmp_path: Path, isolation: Isolation
) -> None:
    own = make_submission(tmp_path / "own")
    found = graded(root, stage, own, isolation, "90.2", "90.D2")
    assert statuses(found) == {"90.2": "pass", "90.D2": "pass"}


def test_a_hostile_submission_loses_its_rules_and_no_others(
    root: Path, stage: Stage, tmp_path: Path, isolation: Isolation
) -> None:
    own = make_submission(
        tmp_path / "own", LEDGER.replace("raise ValueError(amount)", "__import__('os')._exit(255)")
    )
    found = graded(root, stage, own, isolation)
    assert statuses(found)["90.1"] == "pass"
    assert statuses(found)["90.2"] == "fail"
    assert statuses(found)["90.D2"] == "pass"
    assert Status.ERROR not in {outcome.status for outcome in found.values()}
    cause = found["90.2"].cause
    assert cause is not None and "exit status 255" in cause.summary


def test_a_module_that_ends_the_process_blocks_its_rules_alone(
    root: Path, stage: Stage, tmp_path: Path, isolation: Isolation
) -> None:
    own = make_submission(tmp_path / "own", book="import os\nos._exit(0)\n")
    found = statuses(graded(root, stage, own, isolation, "90.1", "90.2", "90.3"))
    assert found == {"90.1": "pass", "90.2": "pass", "90.3": "blocked"}


def test_texts_of_a_submission_are_made_printable(
    root: Path, stage: Stage, tmp_path: Path, isolation: Isolation
) -> None:
    evil = LEDGER.replace("raise ValueError(amount)", "raise KeyError('\\x1b[2J' + 'x' * 9999)")
    cause = graded(root, stage, make_submission(tmp_path / "own", evil), isolation)["90.2"].cause
    assert cause is not None
    texts = [cause.summary, cause.expected, cause.observed, cause.place, *cause.program]
    assert all(text.isprintable() and len(text) < 700 for text in texts)


@pytest.mark.parametrize("error", [GraderFault("pytest broke down"), KeyError("a bug of ours")])
def test_rules_that_could_not_be_run_leave_the_others_alone(
    root: Path,
    stage: Stage,
    tmp_path: Path,
    isolation: Isolation,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def broken(*_: Any) -> None:
        raise error

    monkeypatch.setattr(grade, "run_rules", broken)
    found = statuses(graded(root, stage, make_submission(tmp_path / "own"), isolation))
    assert found["90.D2"] == "pass" and found["90.Q1"] == "pass"
    assert not {"90.1", "90.2", "90.3"} & {rule for rule, one in found.items() if one != "error"}


@pytest.mark.parametrize("name", ["grade_claims", "grade_examples", "grade_student_tests"])
@pytest.mark.parametrize("error", [GraderFault("no worker"), OSError("disk full")])
def test_a_check_that_breaks_down_is_an_error_of_that_rule_alone(
    root: Path,
    stage: Stage,
    tmp_path: Path,
    isolation: Isolation,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    error: Exception,
) -> None:
    def broken(*_: Any) -> None:
        raise error

    monkeypatch.setattr(grade, name, broken)
    monkeypatch.setattr(grade, "run_rules", lambda *_: None)
    import_stage(stage)
    found = graded(root, stage, design(make_submission(tmp_path / "own")), isolation)
    wrong = {rule: one.cause for rule, one in found.items() if one.status is Status.ERROR}
    (rule,) = wrong
    assert (
        rule
        == {
            "grade_claims": "90.D1",
            "grade_examples": "90.D2",
            "grade_student_tests": "90.Q2",
        }[name]
    )
    cause = wrong[rule]
    assert cause is not None and cause.kind == "grader" and str(error) in cause.summary


def test_an_interrupt_is_let_through(
    root: Path, stage: Stage, tmp_path: Path, isolation: Isolation
) -> None:
    def record(outcome: Outcome) -> None:
        raise KeyboardInterrupt

    with Parents(isolation) as parents, pytest.raises(KeyboardInterrupt):
        job = Job(root, make_submission(tmp_path / "own"), parents, 1, root / "cache")
        grade_stage(job, stage, record)


def test_without_a_submission_there_is_nothing_to_grade(
    root: Path, stage: Stage, tmp_path: Path, isolation: Isolation
) -> None:
    with pytest.raises(NothingToGrade):
        graded(root, stage, tmp_path, isolation)


def test_a_printable_cause_is_the_same_in_fewer_words() -> None:
    cause = Cause(
        "two\nlines", "violation", "L1", ("a\tb",), 0, "\ud800", "x" * 9999, "\x00", ("ok",)
    )
    shown = cause.printable()
    assert shown == replace(
        cause,
        summary="two lines",
        program=("a b",),
        expected="?",
        observed=shown.observed,
        place="?",
    )
    assert shown.observed.endswith("x ...") and len(shown.observed) < 700
    assert shown.printable() == shown
