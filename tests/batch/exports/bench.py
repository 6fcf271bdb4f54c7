"""Grades of a small class, made without grading."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from autograder.batch.intake.found import Person
from autograder.batch.intake.manifest import Entry
from autograder.batch.intake.rows import Row
from autograder.batch.run.state import RowState, RowStatus
from autograder.batch.scores.grade import Grade
from autograder.report.run import Run
from autograder.rubric.load import load_course
from autograder.scoring.events import Header
from autograder.scoring.outcome import Cause, Outcome, Status
from autograder.scoring.score import score_run
from tests.batch.bench import make_root

HEADER = Header("2026.1", "abc", 7, "s", "hash", (90,), {}, "namespaces", "2026-11-01")
ADA = Person("0555", "Lovelace, Ada", "ada@example.edu", "ada", "1001", "201")
GRACE = Person("556", "Hopper, Grace", "grace@example.edu", "grace", "1002", "202")
ALAN = Person("557", "Turing, Alan", "alan@example.edu", "alan", "1003", "203")


def make_run(path: Path, lost: set[str], hidden: set[str] | None = None) -> Run:
    """A scored run of the tiny stage; the rules in `hidden` are."""
    course = load_course(make_root(path) / "assignments")
    stage = course.stages[0]
    rules = tuple(replace(rule, visible=rule.id not in (hidden or set())) for rule in stage.rules)
    course = replace(course, stages=(replace(stage, rules=rules),))
    outcomes = []
    for rule in rules:
        if rule.check != "human":
            failed = rule.id in lost
            cause = Cause("a control \x07 character & <tag>", "violation") if failed else None
            share = Fraction(not failed)
            status = Status.FAIL if failed else Status.PASS
            measured = {"amount": 1.0} if rule.id == "90.P1" else {}
            outcomes.append(Outcome(rule.id, status, share, cause=cause, measured=measured))
    return Run(course, HEADER, score_run(course, (90,), outcomes), 1.0)


def grade(person: Person, final: str | None, run: Run | None = None) -> Grade:
    """The grade of one student; None for no grade."""
    entry = Entry(
        f"sub_{person.student_id}", "plain", (person,), submitted_at="2026-11-01T10:00:00+00:00"
    )
    row = Row(person.student_id, person, "A", entry)
    status = RowStatus.GRADED if run else RowStatus.INFRA
    state = RowState(row, status, "" if run else "a fault", run=run)
    return Grade(state, None if final is None else Decimal(final))
