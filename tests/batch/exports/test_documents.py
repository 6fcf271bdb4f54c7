"""Documents for other graders say what the grade says, and nothing that is hidden."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.batch.exports.documents import classroom50, gradescope, junit, whole_shares
from autograder.batch.intake.sources import read_source
from autograder.batch.scores.grade import Grade
from tests.batch import samples
from tests.batch.exports.bench import ADA, GRACE, grade, make_run

HIDDEN = {"90.10"}


@pytest.fixture
def ada(tmp_path: Path) -> Grade:
    return grade(ADA, "9.50", make_run(tmp_path / "root", {"90.10"}, HIDDEN))


def test_gradescope_gets_the_final_grade_and_every_rule(ada: Grade) -> None:
    one = json.loads(json.dumps(gradescope(ada)))
    assert one["score"] == 9.5 and len(one["tests"]) == 5
    assert set(one) <= {
        *("score", "execution_time", "output", "output_format", "test_output_format"),
        *("visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"),
    }, "no field that Gradescope does not know"
    seen = {test["visibility"] for test in one["tests"]}
    assert seen == {"visible", "after_published"}
    assert {test["status"] for test in one["tests"]} == {"passed", "failed"}
    assert sum(test["max_score"] for test in one["tests"]) == 14


def test_what_is_hidden_is_in_no_document_that_students_get(ada: Grade) -> None:
    for document in (gradescope(ada), classroom50(ada, "cs", "lab")):
        text = json.dumps(document)
        assert "90.10" not in text and "Misuse" not in text and "control" not in text
        assert "90.1 The total is the sum" in text


def test_classroom50_scores_are_integers_that_add_up(ada: Grade) -> None:
    one = classroom50(ada, "cs", "lab")
    assert (one["score"], one["max-score"]) == (950, 1400)
    numbers = [test[key] for test in one["tests"] for key in ("score", "max-score")]
    assert all(type(number) is int for number in numbers)
    assert sum(test["score"] for test in one["tests"]) == 1000, "the raw points"
    assert sum(test["max-score"] for test in one["tests"]) == 1400
    assert one["datetime"] == "2026-11-01T10:00:00+00:00"


def test_classroom50_results_are_read_back_by_the_intake(ada: Grade, tmp_path: Path) -> None:
    folder = samples.classroom50(tmp_path / "download")
    result = json.dumps({**classroom50(ada, "cs", "lab"), "datetime": "2026-10-10T10:10:10Z"})
    (folder / "cs-lab-ada-l" / "result.json").write_text(result)
    found = {one.key: one for one in read_source(folder)}
    assert found["cs-lab-ada-l"].submitted_at == "2026-10-10T10:10:10Z"


@pytest.mark.parametrize("total", [0, 1, 99, 100])
def test_parts_are_rounded_so_that_they_add_up(total: int) -> None:
    parts = [Fraction(total, 300)] * 3
    assert sum(whole_shares(parts, total)) == total


def test_junit_has_a_suite_for_each_student_and_is_xml(ada: Grade) -> None:
    tree = ElementTree.fromstring(junit([ada, grade(GRACE, None)]))
    first, second = tree
    assert first.attrib["tests"] == "5" and first.attrib["failures"] == "1"
    assert second.find("testcase/error") is not None
    assert ADA.name not in ElementTree.tostring(tree, "unicode")
