"""Ranks are shared where nobody is better beyond doubt, and nobody is seen who did not ask."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.batch.leaderboard.boards import POINTS, Board, boards
from autograder.batch.leaderboard.page import page, table
from autograder.batch.leaderboard.ranking import ranked
from autograder.batch.leaderboard.wishes import WishError, read_wishes
from autograder.batch.scores.grade import Grade
from autograder.cli import leaderboard
from autograder.cli.grading import ROOT
from autograder.report.run import Run
from autograder.rubric.load import load_course
from autograder.scoring.outcome import Outcome, Status
from autograder.scoring.performance import cost_of
from autograder.scoring.score import score_run
from tests.batch.bench import make_root
from tests.batch.exports.bench import ADA, ALAN, GRACE, HEADER, grade
from tests.batch.scores.bench import Run as RunOnDisk

WISHES = {"0555": "The Engine", "556": "=cobol()"}


def ranks(measured: dict[str, list[float]], less_is_better: bool = True) -> dict[str, int]:
    return {one.name: one.rank for one in ranked(measured, less_is_better)}


def test_equal_counts_share_a_rank_and_the_next_one_is_behind_all_of_them() -> None:
    found = ranked({"d": [9.0], "b": [2.0], "a": [2.0], "c": [3.0]})
    assert [(one.name, one.rank, one.tied) for one in found] == [
        ("a", 1, True),
        ("b", 1, True),
        ("c", 3, False),
        ("d", 4, False),
    ]


def test_intervals_that_meet_are_a_tie() -> None:
    assert ranks({"a": [1, 2], "b": [2, 3], "c": [2.001, 4]}) == {"a": 1, "b": 1, "c": 2}
    assert ranks({"a": [1, 2], "b": [3, 4]}) == {"a": 1, "b": 2}


def test_a_wide_interval_gains_no_rank_over_who_is_better_for_sure() -> None:
    assert ranks({"steady": [5, 5], "lucky": [4, 9], "slow": [8, 8]}) == (
        {"steady": 1, "lucky": 1, "slow": 2}
    )


def test_more_can_be_better() -> None:
    assert ranks({"a": [10.0], "b": [12.0]}, less_is_better=False) == {"b": 1, "a": 2}
    assert ranks({"a": [10, 12.5], "b": [12, 13]}, less_is_better=False) == {"b": 1, "a": 1}


def test_the_order_of_additions_is_no_difference() -> None:
    assert ranks({"a": [0.1 + 0.2], "b": [0.3]}) == {"a": 1, "b": 1}


def measured_run(path: Path, amount: float, wrong: bool = False) -> Run:
    """A run of the tiny stage whose performance rule counted so much."""
    course = load_course(make_root(path) / "assignments")
    outcomes = []
    for rule in course.stages[0].rules:
        lost = wrong and rule.id == "90.1"
        counted = {"amount": amount, "steps_small": 1.0, "steps_large": amount, "least": 1.0}
        measured = counted if rule.id == "90.P1" else {}
        status = Status.FAIL if lost else Status.PASS
        outcomes.append(Outcome(rule.id, status, Fraction(not lost), measured=measured))
    return Run(course, HEADER, score_run(course, (90,), outcomes), 1.0)


@pytest.fixture
def grades(tmp_path: Path) -> list[Grade]:
    amounts = {ADA: 2.0, GRACE: 2.0, ALAN: 1.5}
    return [
        grade(person, "9.00", measured_run(tmp_path / person.student_id, amount))
        for person, amount in amounts.items()
    ]


def board_of(grades: list[list[Grade]], wishes: dict[str, str], **more: object) -> Board:
    run = grades[0][0].state.run
    assert run is not None
    return boards(run.course, grades, wishes, **more)[0]  # type: ignore[arg-type]


def test_only_who_asked_is_on_a_board(grades: list[Grade]) -> None:
    board = board_of([grades], WISHES)
    assert [(one.name, one.rank, one.value) for one in board.places] == (
        [("=cobol()", 1, 2.0), ("The Engine", 1, 2.0)]
    ), "the best did not ask, and takes no rank"
    run = grades[0].state.run
    assert run is not None and boards(run.course, [grades], {}) == []


def test_what_is_wrong_is_not_ranked(grades: list[Grade], tmp_path: Path) -> None:
    grades[0] = grade(ADA, "1.00", measured_run(tmp_path / "wrong", 1.0, wrong=True))
    board = board_of([grades], WISHES)
    assert [one.name for one in board.places] == ["=cobol()"]


def test_what_is_too_good_waits_for_a_person(grades: list[Grade], tmp_path: Path) -> None:
    grades[0] = grade(ADA, "9.00", measured_run(tmp_path / "magic", 0.5))
    board = board_of([grades], WISHES)
    assert [one.name for one in board.places] == ["=cobol()"] and board.held == 1
    assert "1 held back" in page("PagedLab", [board], "")


def test_other_seeds_make_an_interval_of_the_same_work_alone(
    grades: list[Grade], tmp_path: Path
) -> None:
    again = [
        grade(ADA, "9.00", measured_run(tmp_path / "a", 4.0)),
        grade(GRACE, "9.00", measured_run(tmp_path / "g", 3.0)),
    ]
    entry = again[1].state.row.entry
    assert entry is not None
    row = replace(again[1].state.row, entry=replace(entry, content="handed in anew"))
    again[1] = replace(again[1], state=replace(again[1].state, row=row))
    places = {one.name: one for one in board_of([grades, again], WISHES).places}
    assert (places["The Engine"].low, places["The Engine"].high) == (2.0, 4.0)
    assert places["=cobol()"].low == places["=cobol()"].high == 2.0
    assert {one.rank for one in places.values()} == {1}


def test_times_are_ranked_only_where_they_have_an_interval(grades: list[Grade]) -> None:
    run = grades[0].state.run
    assert run is not None
    (stage,) = run.course.stages
    timed = tuple(replace(rule, lane="gpu" if rule.id == "90.P1" else "") for rule in stage.rules)
    course = replace(run.course, stages=(replace(stage, rules=timed),))
    once = [one.id for one in boards(course, [grades], WISHES)]
    assert once == [POINTS]
    often = boards(course, [grades] * 3, WISHES)[0]
    assert often.id == "90.P1" and "from 3 gradings on" in often.unit and often.places


def test_a_dropped_rule_has_no_board(grades: list[Grade]) -> None:
    run = grades[0].state.run
    assert run is not None
    found = boards(run.course, [grades], WISHES, dropped=["90.P1"])
    assert [one.id for one in found] == [POINTS]
    assert [one.id for one in boards(run.course, [grades], WISHES, only=["90.P1"])] == ["90.P1"]


def test_no_name_is_in_the_page_or_the_table_and_no_cell_is_a_formula(grades: list[Grade]) -> None:
    board = board_of([grades], WISHES)
    text, rows = page("PagedLab", [board], "suite"), table([board])
    for person in (ADA, GRACE, ALAN):
        for told in (person.name, person.email, person.student_id, person.canvas_id):
            assert told not in text and told not in rows
    assert "default-src 'none'" in text and "<script" not in text
    cells = [row["alias"] for row in csv.DictReader(io.StringIO(rows))]
    assert cells == ["'=cobol()", "The Engine"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nobody,x", "nobody in this class"),
        ("0555,", "printable"),
        ("0555," + "x" * 33, "printable"),
        ("0555,a\u202eb", "printable"),
        ("0555,Grace Hopper", "names another student"),
        ("0555,hopper  grace", "names another student"),
        ("0555,GRACE", "names another student"),
        ("0555,grace@example.edu", "names another student"),
        ("0555,one\n556,ONE!", "is taken"),
        ("0555,one\n0555,two", "stands twice"),
    ],
)
def test_an_alias_that_deceives_is_refused(
    line: str, why: str, grades: list[Grade], tmp_path: Path
) -> None:
    (tmp_path / "aliases.csv").write_text(f"student,alias\n{line}\n", encoding="utf-8")
    with pytest.raises(WishError, match=why):
        read_wishes(tmp_path / "aliases.csv", [one.state.row for one in grades])


def test_ones_own_name_may_be_ones_alias(grades: list[Grade], tmp_path: Path) -> None:
    file = tmp_path / "aliases.csv"
    rows = [one.state.row for one in grades]
    assert read_wishes(file, rows) == {}
    file.write_text("student,alias\n0555,Ada Lovelace\n", encoding="utf-8-sig")
    assert read_wishes(file, rows) == {"0555": "Ada Lovelace"}
    file.write_text("who,alias\n")
    with pytest.raises(WishError, match="needs the columns"):
        read_wishes(file, rows)


def test_the_verb_writes_both_and_says_who_can_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_root(tmp_path / "root")
    monkeypatch.setattr(leaderboard, "ROOT", root)
    run = RunOnDisk(tmp_path / "run", load_course(root / "assignments"))
    run.add("ada", people=(ADA,), students=())
    path = run.folder.path
    assert leaderboard.main([str(path)]) == 0
    assert "0 of 1 students want to be seen" in capsys.readouterr().out
    assert "Nobody is on it yet" in (path / "leaderboard.html").read_text()
    (path / "aliases.csv").write_text("student,alias\n0555,The Engine\n")
    assert leaderboard.main([str(path), "--also", str(path)]) == 0
    assert "The Engine" in (path / "leaderboard.html").read_text()
    assert "90.P1" in (path / "leaderboard.csv").read_text()
    assert leaderboard.main([str(path), "--board", "7.7"]) == 2
    (path / "aliases.csv").write_text("student,alias\n0555,\n")
    assert leaderboard.main([str(path)]) == 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_the_boards_rank_by_does_not_hang_on_the_seed(tmp_path: Path) -> None:
    """The reference, graded twice: the dice that make an interval are a policy's, not ours."""
    counted = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        command = [sys.executable, "-m", "autograder", "grade", "reference", "--seed", seed]
        command += ["--stage", "1", "--stage", "5", "--out", str(out)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        stages = json.loads((out / "results.json").read_text())["stages"]
        measured = {rule["id"]: rule["measured"] for stage in stages for rule in stage["rules"]}
        counted.append({rule: cost_of(one) for rule, one in measured.items() if ".P" in rule})
    assert len(counted[0]) == 11 and counted[0] == counted[1]
