"""Documents for other graders say what the grade says, and nothing that is hidden."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.batch.exports.documents import classroom50, gradescope, identity_in, junit
from autograder.batch.exports.filling import ExportError
from autograder.batch.intake.sources import read_source
from autograder.batch.scores.grade import Grade
from autograder.report.classroom50 import IDENTITY, entries_of, whole_shares
from autograder.scoring.result import hundredths
from tests.batch import samples
from tests.batch.exports.bench import ADA, GRACE, grade, make_run
from tests.batch.exports.classroom50_reader import refused

HIDDEN = {"90.10"}
ADAS = {
    "schema": "classroom50/result/v1",
    "classroom": "cs",
    "assignment": "lab",
    "assignment_type": "individual",
    "owner": "ada-l",
    "submission": "submit/2026-11-01T10-00-00Z-abc1234",
    "commit": "https://github.com/o/cs-lab-ada-l/commit/abc1234",
    "release": "https://github.com/o/cs-lab-ada-l/releases/tag/submit%2F1",
    "review": "https://github.com/o/cs-lab-ada-l/compare/a...b",
    "datetime": "2026-11-01T10:00:00Z",
}


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
    for document in (gradescope(ada), classroom50(ada, ADAS)):
        text = json.dumps(document)
        assert "90.10" not in text and "Misuse" not in text and "control" not in text
        assert "90.1 The total is the sum" in text


def test_classroom50_scores_are_integers_that_add_up(ada: Grade) -> None:
    one = classroom50(ada, ADAS)
    assert refused(one, ADAS) == ""
    assert (one["score"], one["max-score"]) == (950, 1400)
    numbers = [test[key] for test in one["tests"] for key in ("score", "max-score")]
    assert all(type(number) is int for number in numbers)
    assert sum(test["score"] for test in one["tests"]) == 1000, "the raw points"
    assert sum(test["max-score"] for test in one["tests"]) == 1400
    assert one["datetime"] == ADAS["datetime"], "the submission's instant, whenever it is graded"


def test_classroom50_results_are_read_back_by_the_intake(ada: Grade, tmp_path: Path) -> None:
    folder = samples.classroom50(tmp_path / "download")
    file = folder / "cs-lab-ada-l" / "result.json"
    file.write_text(json.dumps({**ADAS, "score": 1, "tests": []}))
    identity = identity_in(file.parent)
    file.write_text(json.dumps(classroom50(ada, identity)))
    found = {one.key: one for one in read_source(folder)}
    assert found["cs-lab-ada-l"].submitted_at == ADAS["datetime"]
    assert identity == identity_in(file.parent) == {name: ADAS[name] for name in IDENTITY}


@pytest.mark.parametrize("text", ["", "[]", '{"schema": 1}', json.dumps({**ADAS, "owner": ""})])
def test_whose_result_it_is_comes_from_the_download_or_not_at_all(
    text: str, tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match="result.json"):
        identity_in(tmp_path)
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(ExportError, match="result.json"):
        identity_in(tmp_path)


def test_rounding_never_gives_a_test_more_than_it_is_worth(ada: Grade) -> None:
    run = ada.state.run
    assert run is not None
    stage = run.stages[0]
    thirds = [Fraction(4, 3)] * 3
    for earned in ([1, 1, 1], [1, 1, 0], [0, 0, 1], [Fraction(1, 2), 1, 0], [0, 0, 0]):
        parts = [part * share for part, share in zip(thirds, earned, strict=True)]
        rules = [
            replace(one, points=part, maximum=most)
            for one, part, most in zip(stage.rules[:3], parts, thirds, strict=True)
        ]
        score = hundredths(sum(parts, Fraction()))
        cell = replace(stage.cells[0], score=score, visible=Decimal(4), maximum=4)
        tests = entries_of(
            replace(run, stages=(replace(stage, rules=tuple(rules), cells=(cell,)),))
        )
        for test, share in zip(tests, earned, strict=True):
            assert 0 <= test["score"] <= test["max-score"]
            assert (test["score"] == test["max-score"]) == (share == 1)
            assert (test["score"] == 0) == (share == 0)
        assert sum(test["max-score"] for test in tests) == 400


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
