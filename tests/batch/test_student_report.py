"""A student's report holds their own points and nothing that is hidden."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from autograder.batch.exports.documents import classroom50, gradescope
from autograder.batch.scores.grade import Grade
from autograder.batch.scores.lateness import Lateness
from autograder.batch.student_report import for_students, remarks, report_for
from autograder.cli.grading import ROOT
from autograder.report.html import page
from autograder.report.run import Run
from autograder.rubric.load import load_course
from autograder.rubric.model import Course
from autograder.scoring.outcome import Binding, Cause, Outcome, Status
from autograder.scoring.score import score_run
from tests.batch.exports.bench import ADA, GRACE, HEADER, grade, make_run
from tests.batch.exports.test_documents import ADAS

HIDDEN = {"90.10", "90.D2"}


@pytest.fixture
def ada(tmp_path: Path) -> Grade:
    return grade(ADA, "9.50", make_run(tmp_path / "root", {"90.10", "90.D2"}, HIDDEN))


def test_hidden_rules_have_no_name_and_no_cause(ada: Grade) -> None:
    text = report_for(ada)
    for hidden in (*HIDDEN, "Misuse raises", "The examples run", "a control"):
        assert hidden not in text
    assert "The total is the sum" in text and text.count("A rule that is not shown") == 2


def test_who_handed_in_the_same_as_somebody_else_does_not_read_their_name(ada: Grade) -> None:
    run = ada.state.run
    assert run is not None
    shared = replace(run, header=replace(run.header, submission="grace"))
    text = report_for(replace(ada, state=replace(ada.state, run=shared)))
    assert "grace" not in text and "sub_0555" in text


def test_what_is_hidden_still_counts(ada: Grade) -> None:
    run = ada.state.run
    assert run is not None
    shown = for_students(run)
    assert (shown.score, shown.maximum) == (run.score, run.maximum)
    points = [one.points for one in run.rules()]
    assert [one.points for one in shown.rules()] == points


def test_the_way_to_the_grade_is_told(ada: Grade) -> None:
    assert remarks(ada) == [f"{ada.state.run.score if ada.state.run else 0} of 14 points"]
    late = replace(ada, late=Lateness(3, 1), penalty=Decimal("1.00"), final=Decimal("8.50"))
    text = report_for(late)
    assert "3 days late, 1 of them free" in text and "grade: 8.50" in text


def test_nobody_else_is_in_it(ada: Grade) -> None:
    text = report_for(ada)
    assert ADA.name not in text and ADA.email not in text
    assert "default-src 'none'" in text and "://" not in text


def secrets_of(course: Course) -> dict[str, list[str]]:
    """What students must not read, by kind."""
    rules = [rule for stage in course.stages for rule in stage.rules if not rule.visible]
    chaffs = [one["id"] for stage in course.stages for one in chaffs_of(stage.folder)]
    wheats = [one.name for stage in course.stages for one in (stage.folder / "wheats").iterdir()]
    return {
        "ids of hidden rules": [rule.id for rule in rules],
        "titles of hidden rules": [rule.title for rule in rules],
        "names of chaffs": chaffs,
        "names of wheats": [name for name in wheats if "_" in name],
    }


def chaffs_of(folder: Path) -> list[dict[str, str]]:
    return list(tomllib.loads((folder / "chaffs.toml").read_text("utf-8"))["chaffs"])


NAMED = r'(?:<b>|R=|rules? |")'
"""What stands before an id where it is one: 1.5 is also a number."""


def leaks(text: str, secrets: dict[str, list[str]]) -> dict[str, list[str]]:
    """What of it stands in a text, as a word of its own."""
    found = {}
    for kind, said in secrets.items():
        before = NAMED if kind.startswith("ids") else r"(?<![\w.-])"
        near = [one for one in said if one in text]
        found[kind] = [
            o for o in near if re.search(rf"{before}{re.escape(o)}(?![\w.-]|\.\d)", text)
        ]
    return {kind: said for kind, said in found.items() if said}


def test_nothing_that_is_hidden_in_the_course_is_in_a_report() -> None:
    """Every rule has failed, and every hidden one's cause says all that could be said of it."""
    course = load_course(ROOT / "assignments")
    secrets = secrets_of(course)
    assert {kind: len(said) > 20 for kind, said in secrets.items()} == dict.fromkeys(secrets, True)
    told = " ".join(one for said in secrets.values() for one in said)
    outcomes = []
    for stage in course.stages:
        for rule in stage.rules:
            text = f"lost {rule.id}" if rule.visible else told
            cause = Cause(text, "finding", "", (text,), 0, text, text, text, (text,))
            for binding in Binding if rule.check != "human" else ():
                outcome = Outcome(rule.id, Status.FAIL, binding=binding, cause=cause)
                outcomes.append(replace(outcome, notes=() if rule.visible else (text,)))
    numbers = tuple(stage.id for stage in course.stages)
    run = Run(course, replace(HEADER, stages=numbers), score_run(course, numbers, outcomes), 1.0)
    others = {"other students": [GRACE.name, GRACE.email, GRACE.student_id, ADA.name, ADA.email]}
    mine = grade(ADA, "0.00", run)
    for text in (
        report_for(mine),
        json.dumps(gradescope(mine)),
        json.dumps(classroom50(mine, ADAS)),
    ):
        assert leaks(text, secrets | others) == {}
    assert set(leaks(page(run), secrets)) == set(secrets), "the search finds what there is"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_reports_of_a_class_that_was_really_graded_hold_nothing_hidden(tmp_path: Path) -> None:
    def verb(*words: object) -> None:
        command = [sys.executable, "-m", "autograder", *map(str, words)]
        subprocess.run(command, cwd=ROOT, check=False, capture_output=True)

    made, run = tmp_path / "class", tmp_path / "run"
    verb("students", made, "--count", 20)
    verb("batch", made / "submissions", "--roster", made / "roster.csv", "--out", run, "--stage", 1)
    verb("similar", run)
    verb("dashboard", run)
    verb("export", "reports", run)
    verb("export", "gradescope", run)
    secrets = secrets_of(load_course(ROOT / "assignments"))
    with (run / "grades.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row["student"]: row for row in csv.DictReader(lines)}
    people = ("student", "student_id", "name", "email", "username", "canvas_id", "moodle_id")
    told = {key: [row[name] for name in people if row[name]] for key, row in rows.items()}
    files = [*(run / "exports" / "reports").iterdir(), *(run / "exports" / "gradescope").iterdir()]
    assert len(files) > 12
    for file in files:
        others = [word for key, words in told.items() if key != file.stem for word in words]
        assert leaks(file.read_text("utf-8"), secrets | {"others": others}) == {}, file.name
    everybody = {"names": [word for words in told.values() for word in words]}
    for name in ("dashboard.html", "similar.csv"):
        assert leaks((run / name).read_text("utf-8"), everybody) == {}, name
