"""`grade`: its exit codes, its files, and what it writes where."""

from __future__ import annotations

import io
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import grade, grading
from autograder.cli.grade import show
from autograder.judge import grade as judging
from autograder.judge.faults import GraderFault
from autograder.sandbox.isolation import Isolation, Tier
from autograder.scoring.events import read_log
from autograder.scoring.outcome import Status
from tests.cli.conftest import Run, Terminal
from tests.report.bench import half_finished_run


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_a_submission_that_is_right_gets_everything(run: Run, own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = run("grade", own, "--out", out, "--seed", 7, "--fail-under", 14)
    assert (said.code, said.err) == (0, "")
    assert " 14 of 14 points" in said.out and "seed 7" in said.out
    assert "\x1b" not in said.out, "no colours where nobody watches"
    assert files(out) == {"events.jsonl", "results.json", "report.html"}
    header, outcomes = read_log(out / "events.jsonl")
    assert (header.seed, header.stages) == (7, (90,))
    assert {one.rule: one.status for one in outcomes} == dict.fromkeys(
        ("90.1", "90.10", "90.P1", "90.D1", "90.D2"), Status.PASS
    )
    assert json.loads((out / "results.json").read_text("utf-8"))["score"] == 14


def test_points_below_the_bar_are_an_exit_code(run: Run, wrong: Path, tmp_path: Path) -> None:
    said = run("grade", wrong, "--out", tmp_path / "out", "--fail-under", 13.5)
    assert said.code == 1
    assert "Fix this first   90.1" in said.out


def test_without_a_bar_a_low_score_is_no_error(run: Run, wrong: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("grade", wrong, "--out", out, "--stage", 90).code == 0
    again = run("grade", wrong, "--out", out)
    assert "since last run: no change" in again.out


def test_json_stands_alone_on_stdout(run: Run, wrong: Path, tmp_path: Path) -> None:
    said = run("grade", wrong, "--out", tmp_path / "out", "--json")
    data = json.loads(said.out)
    assert data == json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    assert "Fix this first" in said.err


def test_a_fault_of_the_grader_is_an_exit_code_and_no_zero(
    run: Run, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise GraderFault("the tests did not run")

    monkeypatch.setattr(judging, "run_rules", broken)
    said = run("grade", own, "--out", tmp_path / "out", "--json", "--fail-under", 14)
    assert said.code == 3
    data = json.loads(said.out)
    assert data["undecided"] >= 10
    assert data["score"] + data["undecided"] == 14
    assert "our fault, not yours" in said.err


@pytest.mark.parametrize(
    "argv",
    [
        ("--stage", 7),
        ("--stage", "one"),
        ("--fail-under", "all"),
        ("--fail-under", "nan"),
        ("--isolation", "prayer"),
        ("--require-isolation", "prayer"),
        ("--seed", "x"),
    ],
)
def test_what_is_mistyped_is_refused_before_anything_is_graded(
    run: Run, own: Path, tmp_path: Path, argv: tuple[object, ...]
) -> None:
    out = tmp_path / "out"
    said = run("grade", own, "--out", out, *argv)
    assert (said.code, said.out) == (2, "")
    assert said.err.strip() and not out.exists()


def test_a_lane_that_no_stage_has_is_refused(run: Run, own: Path) -> None:
    said = run("grade", own, "--lanes", "warp")
    assert said.code == 2 and "there is no lane 'warp'" in said.line and "none" in said.line


def test_with_fewer_lanes_a_rule_is_not_run_and_others_have_its_points(
    run: Run, root: Path, own: Path, tmp_path: Path
) -> None:
    file = root / "assignments" / "90_ledger" / "stage.toml"
    text = file.read_text("utf-8").replace("[groups]", '[lanes]\nfast = "runs it"\n\n[groups]')
    text = text.replace('invariants = ["L3"]', 'invariants = ["L3"]\nlane = "fast"')
    file.write_text('lanes_from = "kernel_lanes.here"\n' + text, encoding="utf-8")
    said = run("grade", own, "--lanes", "", "--out", tmp_path / "out", "--json")
    data = json.loads(said.out)
    rules = {one["id"]: (one["status"], one["max"]) for one in data["stages"][0]["rules"]}
    assert rules["90.10"] == ("skipped", 0.0) and rules["90.1"] == ("pass", 8.0)
    assert data["lanes"] == {"here": [], "missing": {"fast": "left out on request"}}
    assert data["stages"][0]["cells"]["correctness"]["score"] == 8.0
    rescored = json.loads(run("rescore", tmp_path / "out", "--json").out)
    assert rescored["score"] == data["score"]


def test_an_unknown_stage_is_refused_with_those_there_are(run: Run, own: Path) -> None:
    said = run("grade", own, "--stage", 7)
    assert said.line == "autograder: there is no stage 7 in this suite; it has: 90"


def test_without_a_submission_there_is_a_mistake(run: Run) -> None:
    assert run("grade").code == 2


def test_isolation_that_cannot_be_had_is_an_exit_code(
    run: Run, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Tier] = []

    def weak(at_most: Tier) -> Isolation:
        asked.append(at_most)
        return Isolation(Tier.LIMITS, ("honour system",))

    monkeypatch.setattr(grading, "probe", weak)
    said = run("grade", own, "--require-isolation", "landlock", "--isolation", "uid")
    assert said.code == 3
    assert "landlock isolation is asked for" in said.line and "make doctor" in said.line
    assert asked == [Tier.UID]


def test_isolation_that_is_enough_is_accepted(monkeypatch: pytest.MonkeyPatch, own: Path) -> None:
    for given, wanted, enough in (
        (Tier.LANDLOCK, Tier.LANDLOCK, True),
        (Tier.NAMESPACES, Tier.LIMITS, True),
        (Tier.UID, Tier.LANDLOCK, False),
    ):
        isolation = Isolation(given, ())
        monkeypatch.setattr(grading, "probe", lambda at_most, isolation=isolation: isolation)
        request = grading.Request(own, required=wanted)
        if enough:
            assert grading._isolation(request) is isolation
        else:
            with pytest.raises(grading.Unfit):
                grading._isolation(request)


def test_a_suite_that_workers_could_read_is_not_used(
    run: Run, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading.Policy, "exposes", lambda self, path: True)
    said = run("grade", own)
    assert said.code == 3 and "move the checkout" in said.line


@pytest.mark.parametrize("kind", ["nowhere", "empty", "file"])
def test_where_there_is_no_submission_there_is_nothing_to_grade(
    run: Run, tmp_path: Path, kind: str
) -> None:
    place, out = tmp_path / kind, tmp_path / "out"
    out.mkdir()
    (out / "events.jsonl").write_text("of the run before\n", encoding="utf-8")
    if kind == "empty":
        place.mkdir()
    if kind == "file":
        place.write_text("", encoding="utf-8")
    said = run("grade", place, "--out", out)
    assert said.code == 4 and kind in said.line and "SUBMISSION=dir" in said.line
    assert (out / "events.jsonl").read_text("utf-8") == "of the run before\n"


def test_a_place_for_files_that_is_none_is_refused(run: Run, own: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        said = run("grade", own, "--out", out)
        assert said.code == 2 and "cannot be written" in said.line


def test_a_suite_that_contradicts_itself_is_a_fault_of_the_grader(
    run: Run, root: Path, own: Path
) -> None:
    course = root / "assignments" / "course.toml"
    course.write_text(
        course.read_text("utf-8").replace("quality = 0\nd", "quality = 3\nd"), "utf-8"
    )
    said = run("grade", own)
    assert said.code == 3 and "nothing was graded" in said.line


@pytest.mark.parametrize("text", ["", "[]", '{"score": "x"}', '{"score": 1}', "\x00"])
def test_results_of_before_that_are_damaged_are_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "results.json").write_text(text, encoding="utf-8")
    assert grading._previous_score(tmp_path, half_finished_run().header) is None


def test_results_of_before_count_for_the_same_submission_and_stages(tmp_path: Path) -> None:
    header = half_finished_run().header
    data = {"score": "3.5", "submission": {"path": header.submission}, "stages": [{"id": 1}]}
    (tmp_path / "results.json").write_text(json.dumps(data), encoding="utf-8")
    assert grading._previous_score(tmp_path, header) == Decimal("3.5")
    for change in ({"submission": {"path": "other"}}, {"stages": [{"id": 2}]}, {"score": "much"}):
        (tmp_path / "results.json").write_text(json.dumps({**data, **change}), encoding="utf-8")
        assert grading._previous_score(tmp_path, header) is None


# ---- who reads it --------------------------------------------------------------------------------


def shown(monkeypatch: pytest.MonkeyPatch, stream: Any) -> str:
    monkeypatch.setattr(sys, "stdout", stream)
    show(half_finished_run(), as_json=False, everything=True)
    stream.seek(0)
    return str(stream.read())


def test_a_terminal_gets_colours_unless_it_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = shown(monkeypatch, Terminal())
    assert "\x1b[31m✗\x1b[0m" in coloured
    monkeypatch.setenv("NO_COLOR", "")
    plain = shown(monkeypatch, Terminal())
    assert "\x1b" not in plain and "✗" in plain


def test_a_stream_without_utf8_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    text = shown(monkeypatch, stream)
    assert "x Fix this first" in text and "?" not in text.replace("?:", "")


def test_progress_is_told_to_a_terminal_alone(
    run: Run, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Terminal()
    monkeypatch.setattr(sys, "stderr", watched)
    assert grade.main([str(own), "--out", str(tmp_path / "out"), "--seed", "1"]) == 0
    text = watched.getvalue()
    assert "1 rules decided, last 90.1" in text and text.endswith("\r\x1b[K")
