"""A student's report holds their own points and nothing that is hidden."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from autograder.batch.scores.grade import Grade
from autograder.batch.scores.lateness import Lateness
from autograder.batch.student_report import for_students, remarks, report_for
from tests.batch.exports.bench import ADA, grade, make_run

HIDDEN = {"90.10", "90.D2"}


@pytest.fixture
def ada(tmp_path: Path) -> Grade:
    return grade(ADA, "9.50", make_run(tmp_path / "root", {"90.10", "90.D2"}, HIDDEN))


def test_hidden_rules_have_no_name_and_no_cause(ada: Grade) -> None:
    text = report_for(ada)
    for hidden in (*HIDDEN, "Misuse raises", "The examples run", "a control"):
        assert hidden not in text
    assert "The total is the sum" in text and text.count("A rule that is not shown") == 2


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
