"""results.json is as Gradescope's specification says, and no fault of ours is a zero in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.publish.gradescope import results
from autograder.publish.report import BadReport, Report, from_json
from tests.publish.bench import HIDDEN, gradescope_errors, some_report


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return some_report(tmp_path)


def test_every_document_is_as_gradescope_specifies(report: Report, tmp_path: Path) -> None:
    undecided = some_report(tmp_path / "other", fault="90.1")
    refused = Report(0.0, 0.0, 0.0, 0.0, {}, refused="no folder pagedlab/")
    for one in (report, undecided, refused):
        document = json.loads(json.dumps(results(one)))
        assert gradescope_errors(document) == []


def test_the_check_of_documents_bites(report: Report) -> None:
    document = results(report)
    assert gradescope_errors({**document, "points": 1}) != []
    assert gradescope_errors({**document, "visibility": "public"}) != []
    assert gradescope_errors({**document, "leaderboard": [{"name": "x", "order": "up"}]}) != []
    assert gradescope_errors({"tests": [{"name": "a"}]}) != []
    assert gradescope_errors({**document, "tests": [{"status": True, "score": "1"}]}) != []


def test_the_total_is_the_engines_and_the_rules_are_all_there(report: Report) -> None:
    document = results(report)
    assert document["score"] == report.score
    assert [test.get("score") for test in document["tests"]] == [i.points for i in report.items]
    assert [test["max_score"] for test in document["tests"]] == [i.maximum for i in report.items]


def test_a_hidden_rule_has_neither_id_nor_title_nor_cause(report: Report) -> None:
    (hidden,) = [item for item in report.items if not item.visible]
    assert hidden.id == HIDDEN and hidden.status == "fail"
    text = json.dumps(results(report))
    assert hidden.id not in text and hidden.title not in text and "control" not in text
    seen = [test["visibility"] for test in results(report)["tests"]]
    assert seen.count("after_published") == 1 and seen.count("visible") == len(seen) - 1


def test_a_failure_of_a_public_rule_is_explained(tmp_path: Path) -> None:
    report = some_report(tmp_path, lost={"90.1"})
    (failed,) = [t for t in results(report)["tests"] if t.get("status") == "failed"]
    assert failed["name"].startswith("90.1 ") and "make check R=90.1" in failed["output"]


def test_an_undecided_rule_has_no_score_and_no_total_is_shown(tmp_path: Path) -> None:
    report = some_report(tmp_path, lost=set(), fault="90.1")
    document = results(report)
    assert report.undecided > 0
    (undecided,) = [test for test in document["tests"] if "undecided" in test["tags"]]
    assert not {"score", "max_score", "status"} & undecided.keys()
    assert "a fault of the grader, not yours" in undecided["output"]
    assert {test["visibility"] for test in document["tests"]} == {"after_published"}
    assert "None of them is lost" in document["output"]


def test_a_flag_is_for_staff_alone(report: Report) -> None:
    first = replace(report.items[0], flag="better than the provable bound")
    document = results(replace(report, items=(first, *report.items[1:])))
    assert document["extra_data"]["flags"] == {first.shown: first.flag}
    assert "provable" not in json.dumps([document["tests"], document["output"]])


def test_points_that_somebody_has_changed_move_the_total(report: Report) -> None:
    first = report.items[0]
    document = results(report, {first.id: first.points - 0.5})
    assert document["score"] == round(report.score - 0.5, 2)
    assert document["tests"][0]["score"] == first.points - 0.5


def test_what_cannot_be_graded_says_what_to_do() -> None:
    document = results(Report(0.0, 0.0, 0.0, 0.0, {}, refused="nothing was sent"))
    assert "nothing was sent" in document["output"] and "pagedlab/" in document["output"]


def test_the_leaderboard_gives_no_hidden_rule_away(report: Report) -> None:
    hidden = tuple(replace(item, visible=False) for item in report.items)
    (entry,) = results(replace(report, items=hidden))["leaderboard"]
    assert entry["value"] == 0
    (entry,) = results(report)["leaderboard"]
    points = [item.points for item in report.items if item.axis == "performance"]
    assert entry["value"] == round(sum(points), 2) > 0


def test_a_report_is_read_back_as_it_was_and_nothing_else_is(report: Report) -> None:
    assert from_json(json.loads(json.dumps(report.to_json()))) == report
    for broken in ({}, [], {**report.to_json(), "schema": "other"}, {"schema": 1}, "text", None):
        with pytest.raises(BadReport):
            from_json(broken)
