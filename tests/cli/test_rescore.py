"""`rescore`: an old run by today's rubric, by a person's marks, and as with fewer lanes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import grading
from autograder.sandbox.isolation import Isolation, Tier
from autograder.scoring.events import EventLog, read_log
from tests.cli.conftest import Run
from tests.scoring.bench import FLAT, HEADER, outcome

THIS_HEADER = replace(HEADER, stages=(90,))


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    """A run's folder, in which nothing was wrong but a sum."""
    log = EventLog(tmp_path / "run" / "events.jsonl", THIS_HEADER)
    log.add(outcome("90.1", 0))
    for rule in ("90.10", "90.D1", "90.D2"):
        log.add(outcome(rule))
    log.add(outcome("90.P1", measured=FLAT))
    log.close()
    return tmp_path / "run"


def marks(tmp_path: Path, text: str) -> Path:
    (tmp_path / "marks.toml").write_text(text, encoding="utf-8")
    return tmp_path / "marks.toml"


def scored(said: Any) -> float:
    return float(json.loads(said.out)["score"])


def test_rescoring_runs_nothing(run: Run, graded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("something was run")

    monkeypatch.setattr(grading, "probe", never)
    monkeypatch.setattr(grading, "grade_stage", never)
    said = run("rescore", graded, "--json")
    assert (said.code, scored(said)) == (0, 10.0)
    assert (graded / "report.html").exists() and (graded / "results.json").exists()


def test_new_weights_change_the_points_of_an_old_run(run: Run, root: Path, graded: Path) -> None:
    file = root / "assignments" / "90_ledger" / "stage.toml"
    heavier = ('weight = 1\ntitle = "Misuse', 'weight = 3\ntitle = "Misuse')
    file.write_text(file.read_text("utf-8").replace(*heavier), encoding="utf-8")
    assert scored(run("rescore", graded, "--json")) == 12.0


def test_a_mark_brings_the_points_of_its_rule(run: Run, graded: Path, tmp_path: Path) -> None:
    file = marks(tmp_path, '["90.D9"]\nshare = 0.25\nby = "A. Reader"\n')
    said = run("rescore", graded, "--json", "--marks", file)
    assert (said.code, scored(said)) == (0, 9.0)
    (mark,) = [one for one in json.loads(said.out)["stages"][0]["rules"] if one["id"] == "90.D9"]
    assert mark["cause"]["summary"] == "A. Reader gave 25% of the points"
    assert scored(run("rescore", graded, "--json")) == 9.0, "it stays in the log"
    file = marks(tmp_path, '["90.D9"]\nshare = 1\nby = "A. Reader"\n')
    assert scored(run("rescore", graded, "--json", "--marks", file)) == 10.0, "the later one counts"


def test_a_mark_after_a_line_that_was_cut_off_is_not_lost(
    run: Run, graded: Path, tmp_path: Path
) -> None:
    with (graded / "events.jsonl").open("a", encoding="utf-8") as log:
        log.write('{"event": "rule", "rule": "90.D')
    file = marks(tmp_path, '["90.D9"]\nshare = 0.25\nby = "A. Reader"\n')
    assert scored(run("rescore", graded, "--json", "--marks", file)) == 9.0


BAD_MARKS = {
    "no toml": "share: 1",
    "an automatic rule": '["90.1"]\nshare = 1\nby = "me"\n',
    "a measured rule": '["90.P1"]\nshare = 1\nby = "me"\n',
    "an unknown rule": '["90.Q7"]\nshare = 1\nby = "me"\n',
    "no share": '["90.D9"]\nby = "me"\n',
    "no name": '["90.D9"]\nshare = 1\n',
    "an empty name": '["90.D9"]\nshare = 1\nby = ""\n',
    "too much": '["90.D9"]\nshare = 1.01\nby = "me"\n',
    "less than nothing": '["90.D9"]\nshare = -0.1\nby = "me"\n',
    "no number": '["90.D9"]\nshare = "1"\nby = "me"\n',
    "not a number": '["90.D9"]\nshare = nan\nby = "me"\n',
    "no table": '"90.D9" = 1\n',
}


@pytest.mark.parametrize("name", BAD_MARKS)
def test_marks_that_cannot_be_used_change_nothing(
    run: Run, graded: Path, tmp_path: Path, name: str
) -> None:
    before = (graded / "events.jsonl").read_bytes()
    said = run("rescore", graded, "--marks", marks(tmp_path, BAD_MARKS[name]))
    assert said.code == 2 and "marks.toml" in said.line
    assert (graded / "events.jsonl").read_bytes() == before
    assert not (graded / "results.json").exists()


def test_marks_that_are_not_there_are_refused(run: Run, graded: Path, tmp_path: Path) -> None:
    assert run("rescore", graded, "--marks", tmp_path / "none.toml").code == 2


@pytest.mark.parametrize("content", [None, "", "points: 100\n", "[]\n"])
def test_a_folder_without_a_log_is_refused(run: Run, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "events.jsonl").write_text(content, encoding="utf-8")
    said = run("rescore", tmp_path)
    assert said.code == 2 and "events.jsonl" in said.line


def test_a_run_of_a_stage_that_this_suite_lacks_is_refused(run: Run, tmp_path: Path) -> None:
    EventLog(tmp_path / "events.jsonl", HEADER).close()
    said = run("rescore", tmp_path)
    assert said.code == 2 and "no stage 1" in said.line


def test_rescoring_keeps_the_runs_header(run: Run, graded: Path) -> None:
    run("rescore", graded)
    assert read_log(graded / "events.jsonl")[0] == THIS_HEADER
    data = json.loads((graded / "results.json").read_text("utf-8"))
    assert data["seed"] == HEADER.seed and data["isolation"] == HEADER.isolation


def test_a_run_can_be_shown_as_with_fewer_lanes_and_stays_as_it_is(
    run: Run, root: Path, graded: Path
) -> None:
    file = root / "assignments" / "90_ledger" / "stage.toml"
    text = file.read_text("utf-8").replace("[groups]", '[lanes]\nfast = "runs it"\n\n[groups]')
    text = text.replace('invariants = ["L1", "L2"]', 'invariants = ["L1"]\nlane = "fast"')
    file.write_text(text, encoding="utf-8")
    before = (graded / "events.jsonl").read_bytes()
    assert scored(run("rescore", graded, "--json")) == 10.0
    assert scored(run("rescore", graded, "--json", "--lanes", "fast")) == 10.0
    assert (
        scored(run("rescore", graded, "--json", "--lanes", "")) == 14.0
    ), "the failure is left out"
    assert (graded / "events.jsonl").read_bytes() == before
    assert json.loads((graded / "results.json").read_text("utf-8"))["score"] == 10.0


def test_weak_isolation_is_never_needed_to_rescore(
    run: Run, graded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading, "probe", lambda *_: Isolation(Tier.LIMITS, ()))
    assert run("rescore", graded).code == 0


# ---- summary -------------------------------------------------------------------------------------


def test_a_recorded_run_is_summed_up_in_markdown_and_for_classroom50(
    run: Run, root: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, file = tmp_path / "out", tmp_path / "result.json"
    run("grade", own, "--out", out)
    for name in ("CLASSROOM", "ASSIGNMENT", "ASSIGNMENT_TYPE", "OWNER", "COMMIT_URL"):
        monkeypatch.setenv(name, name.lower())
    monkeypatch.delenv("REVIEW_URL", raising=False)
    monkeypatch.setenv("SUBMISSION_TAG", "submit/1")
    said = run("summary", out, "--classroom50", file)
    assert said.code == 0 and said.out.startswith("### ")
    result = json.loads(file.read_text())
    assert result["owner"] == "owner" and result["review"] == "commit_url"
    score = json.loads((out / "results.json").read_text())["score"]
    assert result["score"] == round(100 * score) == sum(one["score"] for one in result["tests"])


def test_a_run_that_is_not_there_has_no_summary(run: Run, tmp_path: Path) -> None:
    said = run("summary", tmp_path / "nothing")
    assert said.code == 2 and said.err.count("\n") == 1
