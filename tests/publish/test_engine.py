"""The engine of the zip takes in what students send, and gives a report or a reason."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.cli.grading import ROOT, Unfit
from autograder.publish import engine
from autograder.publish.engine import main
from autograder.publish.report import Report, read_report
from autograder.scoring.events import EventLog, Header
from autograder.scoring.outcome import Outcome, Status

EXAMPLE = ROOT / "examples" / "submissions" / "half_finished"


def graded(sent: Path, out: Path, *options: str) -> Report:
    assert main([str(sent), str(out), "--seed=7", *options]) == 0
    return read_report(out / "report.json")


def test_what_holds_no_project_is_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "sent" / "notes").mkdir(parents=True)
    report = graded(tmp_path / "sent", tmp_path / "out")
    assert report.refused and not report.items


def test_a_run_that_was_stopped_leaves_its_open_rules_undecided(tmp_path: Path) -> None:
    header = Header("2026.1", "abc", 7, "sent", "hash", (1,), {}, "namespaces", "2026-11-01")
    log = EventLog(tmp_path / "events.jsonl", header)
    log.add(Outcome("1.1", Status.PASS, Fraction(1)))
    log.close()
    cut = graded(tmp_path / "sent", tmp_path, "--finish")
    decided = [item for item in cut.items if not item.undecided]
    assert [(item.id, item.points) for item in decided] == [("1.1", cut.score)]
    assert len(cut.items) > 20 and cut.undecided > 14 and "stopped" in cut.notes[-1]


def test_a_run_that_was_stopped_before_anything_was_decided_has_no_report(tmp_path: Path) -> None:
    assert main([str(tmp_path), str(tmp_path), "--finish"]) == 3


def test_without_enough_isolation_there_is_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(request: object, watch: object) -> None:
        raise Unfit("too little isolation")

    monkeypatch.setattr(engine, "grade_submission", refuse)
    assert main([str(EXAMPLE), str(tmp_path / "out")]) == 3
    assert "too little isolation" in capsys.readouterr().err
    assert not (tmp_path / "out" / "report.json").exists()


def test_the_same_work_has_the_same_seed_wherever_it_lies(tmp_path: Path) -> None:
    seeds = set()

    def note(request: engine.Request, watch: object) -> None:
        seeds.add(request.seed)
        raise engine.NothingToGrade("enough")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "grade_submission", note)
        for place in ("a", "b/nested"):
            shutil.copytree(EXAMPLE, tmp_path / place)
        graded(tmp_path / "a", tmp_path / "out1")
        graded(tmp_path / "b", tmp_path / "out2")
        assert len(seeds) == 1
        graded(tmp_path / "a", tmp_path / "out3", "--seed=8")
        assert len(seeds) == 2
