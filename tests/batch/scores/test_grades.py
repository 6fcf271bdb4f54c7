"""A grade follows from logs, rubric, policy and adjustments; a regrade loses none of them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from autograder.batch.csv_safety import guarded, unguarded
from autograder.batch.intake.found import Person
from autograder.batch.scores.adjustments import AdjustmentError, read_adjustments
from autograder.batch.scores.difference import compare, report
from autograder.batch.scores.policy import PolicyError
from autograder.cli import compare as compare_verb
from autograder.cli import grades as grades_verb
from autograder.rubric.load import load_course
from tests.batch.bench import make_root
from tests.batch.scores.bench import Run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_root(tmp_path / "root")


@pytest.fixture
def run(root: Path, tmp_path: Path) -> Run:
    return Run(tmp_path / "run", load_course(root / "assignments"))


def test_points_are_those_of_the_rubric(run: Run) -> None:
    run.add("ada")
    run.add("grace", {"90.1", "90.D2"})
    table = run.table()
    assert (table["ada"]["raw"], table["ada"]["final"]) == ("14.00", "14.00")
    assert (table["grace"]["raw"], table["grace"]["correctness"]) == ("8.00", "4.00")


def test_another_rubric_gives_other_points_and_runs_nothing(run: Run, root: Path) -> None:
    run.add("grace", {"90.1"})
    assert run.table()["grace"]["raw"] == "10.00"
    file = root / "assignments" / "90_ledger" / "stage.toml"
    file.write_text(file.read_text().replace("weight = 1", "weight = 3", 1))
    run.course = load_course(root / "assignments")
    assert run.table()["grace"]["raw"] == "4.00", "6 points and the gate of documentation"


def test_a_graders_fault_is_no_zero(run: Run) -> None:
    run.add("ada", {"!90.1"})
    row = run.table()["ada"]
    assert (row["status"], row["raw"], row["final"]) == ("infra", "", "")
    assert "90.1" in row["reason"]


def test_work_of_a_batch_that_failed_its_check_afterwards_is_in_doubt(run: Run) -> None:
    run.add("ada", session="good")
    run.add("grace", session="bad")
    for session, problems in (("good", []), ("bad", ["the starter gets 2 points"])):
        run.folder.note(event="health", session=session, when="after", problems=problems)
    assert {key: row["status"] for key, row in run.table().items()} == {
        "ada": "graded",
        "grace": "infra",
    }


def test_who_handed_in_nothing_is_blank_unless_the_policy_says_zero(run: Run) -> None:
    run.add("ada")
    run.write("roster.csv", "student_id\nada\nabsent\n")
    assert run.table()["absent"]["final"] == ""
    run.write("policy.toml", 'missing = "zero"\n')
    assert run.table()["absent"]["final"] == "0.00"


def test_lateness_is_taken_off_what_was_earned(run: Run) -> None:
    run.add("ada", submitted_at="2026-11-02T12:00:00+00:00")
    run.add("grace")
    run.write("policy.toml", "due = 2026-11-01T12:00:00Z\npenalty_per_day = 50\n")
    table = run.table()
    assert (table["ada"]["penalty"], table["ada"]["final"]) == ("7.00", "7.00")
    assert (table["grace"]["raw"], table["grace"]["final"]) == ("14.00", "")
    assert "not recorded" in run.table("needs_attention.csv")["grace"]["why"]


@pytest.mark.parametrize(("credit", "raw"), [("everyone", "14.00"), ("nobody", "14.00")])
def test_a_dropped_rule_costs_nobody_anything(credit: str, raw: str, run: Run) -> None:
    run.add("ada", {"90.1"})
    run.add("grace", {"90.10"})
    drop = f'[[dropped]]\nrule = "90.1"\ncredit = "{credit}"\nby = "M"\nreason = "wrong"\n'
    run.write("policy.toml", drop)
    table = run.table()
    assert table["ada"]["raw"] == raw
    assert table["grace"]["raw"] == ("10.00" if credit == "everyone" else "2.00")
    run.write("policy.toml", drop.replace("90.1", "90.P1"))
    if credit == "nobody":
        with pytest.raises(PolicyError, match="last rule of its cell"):
            run.table()
    run.write("policy.toml", drop.replace("90.1", "7.7"))
    with pytest.raises(PolicyError, match="no rule '7.7'"):
        run.table()


ADJUSTMENTS = """student,item,points,was,author,reason
ada,90.1,+2.5,0.00,Mara,partly right
ada,total,-1,10.00,Theo,"late, by word of mouth"
grace,90,=13,14.00,Mara,read by hand
"""


def test_adjustments_are_added_and_survive_a_regrade(run: Run) -> None:
    run.add("ada", {"90.1"})
    run.add("grace")
    run.write("adjustments.csv", ADJUSTMENTS)
    table = run.table()
    assert (table["ada"]["adjustment"], table["ada"]["final"]) == ("1.50", "11.50")
    assert table["grace"]["final"] == "13.00"
    run.grade("ada", {"90.1"})
    assert run.table()["ada"]["final"] == "11.50"
    assert (run.folder.path / "adjustments.csv").read_text() == ADJUSTMENTS


def test_a_stale_adjustment_is_told_and_not_applied(run: Run) -> None:
    run.add("ada", {"90.1"})
    run.write("adjustments.csv", ADJUSTMENTS)
    run.table()
    run.grade("ada", ())
    assert run.table()["ada"]["final"] == "14.00", "its fault was mended: no second gift"
    why = run.table("needs_attention.csv")
    assert "stale" in why["ada"]["why"]
    assert "line 4 is of nobody" in why[""]["why"]


def adjusted(run: Run, *lines: str, content: bool = False) -> dict[str, str]:
    """What ada gets by these adjustments; "why" is what needs attention."""
    heading = "student,item,points,was,author,reason" + ",content" * content
    run.write("adjustments.csv", "\n".join([heading, *lines]) + "\n")
    row = run.table()["ada"]
    return {**row, "why": run.table("needs_attention.csv").get("ada", {}).get("why", "")}


def test_an_adjustment_of_work_that_was_replaced_is_stale_even_if_the_points_are_the_same(
    run: Run,
) -> None:
    run.add("ada", {"90.1"}, content="first")
    run.folder.note(event="grading", content="first", name="of_ada")
    assert run.table()["ada"]["content"] == "first"
    line = "ada,90.1,+2.5,0.00,Mara,partly right,first"
    assert adjusted(run, line, content=True)["final"] == "12.50"
    run.entries.clear()
    run.add("ada", {"90.1"}, content="second")
    run.folder.note(event="grading", content="second", name="of_ada")
    row = adjusted(run, line, content=True)
    assert row["final"] == "10.00" and "other work" in row["why"]


def test_adjustments_never_come_to_more_than_there_is_or_to_less_than_nothing(run: Run) -> None:
    run.add("ada", {"90.1"})
    row = adjusted(run, "ada,90.1,+4,0.00,M,r", "ada,90,+4,10.00,M,r", "ada,total,+4,10.00,M,r")
    assert row["final"] == "14.00" and "come to 22.00 of 14" in row["why"]
    row = adjusted(run, "ada,90,-10,10.00,M,r", "ada,total,-10,10.00,M,r")
    assert row["final"] == "0.00" and "come to -10.00 of 14" in row["why"]


def test_what_is_set_as_a_whole_is_not_changed_in_its_parts_as_well(run: Run) -> None:
    run.add("ada", {"90.1"})
    row = adjusted(run, "ada,90.1,+2.5,0.00,M,r", "ada,90,=11,10.00,M,r")
    assert row["final"] == "11.00" and "line 3 says what all of it is worth" in row["why"]


def test_a_cell_that_a_spreadsheet_guards_is_read_as_it_was_meant(run: Run) -> None:
    run.add("ada", {"90.1"})
    assert adjusted(run, "ada,total,'=11,10.00,M,'+1 for the talk")["final"] == "11.00"


def test_an_adjustment_of_who_has_no_score_is_told_and_a_total_is_a_grade_by_hand(
    run: Run,
) -> None:
    run.add("ada", content="", problem="not a zip")
    row = adjusted(run, "ada,90.1,+2.5,0.00,M,r")
    assert row["final"] == "" and "no item '90.1'" in row["why"]
    row = adjusted(run, "ada,total,=9,0.00,M,read on paper")
    assert (row["status"], row["adjustment"], row["final"]) == ("unreadable", "9.00", "9.00")
    assert adjusted(run, "ada,total,=15,0.00,M,r")["final"] == "", "more than there is"
    assert adjusted(run, "ada,total,+5,0.00,M,for the talk")["final"] == "", "added to no score"


EXTENSION = (
    'missing = "zero"\ndue = 2026-11-01T12:00:00Z\n[[extensions]]\nstudent = "absent"\n'
    'due = 2026-12-01T12:00:00Z\nby = "M"\nreason = "ill"\n'
)


def test_who_has_an_extension_and_handed_in_nothing_is_no_zero_yet(run: Run) -> None:
    run.add("ada", submitted_at="2026-11-01T10:00:00+00:00")
    run.write("roster.csv", "student_id\nada\nabsent\nother\n")
    run.write("policy.toml", EXTENSION)
    table = run.table()
    assert (table["absent"]["final"], table["other"]["final"]) == ("", "0.00")
    assert "extension until 2026-12-01" in run.table("needs_attention.csv")["absent"]["why"]


def test_who_is_excused_has_no_grade_whatever_was_handed_in(run: Run) -> None:
    run.add("ada")
    run.write("policy.toml", '[[excused]]\nstudent = "ada"\nby = "M"\nreason = "ill"\n')
    row = run.table()["ada"]
    assert (row["final"], row["reason"]) == ("", "excused by M: ill")
    assert run.table("needs_attention.csv") == {}


def test_what_the_policy_says_of_nobody_in_the_class_is_told(
    run: Run, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(grades_verb, "ROOT", root)
    run.add("ada", submitted_at="2026-11-01T10:00:00+00:00")
    run.write("policy.toml", EXTENSION + "[late_days_used]\nAda = 2\n")
    assert grades_verb.main([str(run.folder.path)]) == 6
    assert "2 rows need attention" in capsys.readouterr().out
    text = (run.folder.path / "needs_attention.csv").read_text()
    assert "an extension is of nobody in this class (absent)" in text
    assert "late_days_used is of nobody in this class (Ada)" in text


def test_another_policy_is_tried_and_nothing_of_it_is_kept(
    run: Run,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(grades_verb, "ROOT", root)
    run.add("ada", submitted_at="2026-11-02T10:00:00+00:00")
    other = tmp_path / "other.toml"
    other.write_text("due = 2026-11-01T12:00:00Z\npenalty_per_day = 50\n")
    assert grades_verb.main([str(run.folder.path), "--policy", str(other)]) == 0
    assert "ada: graded 14.00 -> graded 7.00" in capsys.readouterr().out
    assert run.table()["ada"]["final"] == "14.00"
    assert not (run.folder.path / "history").exists()


def test_an_adjustment_cannot_give_more_than_an_item_is_worth(run: Run) -> None:
    run.add("ada", {"90.1"})
    run.write("adjustments.csv", ADJUSTMENTS.replace("+2.5", "+4.01"))
    assert "of 4.00" in run.table("needs_attention.csv")["ada"]["why"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("+2.5", "2.5", "begin with"),
        ("+2.5", "+x", "are numbers"),
        ("+2.5", "+inf", "are numbers"),
        ("0.00", "", "was is empty"),
        ("Mara,partly", ",partly", "author is empty"),
        ("total", "90.1", "twice"),
        ("author", "who", "needs the columns"),
    ],
)
def test_an_adjustment_that_is_not_accounted_for_is_refused(
    old: str, new: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / "adjustments.csv").write_text(ADJUSTMENTS.replace(old, new, 1))
    with pytest.raises(AdjustmentError, match=why):
        read_adjustments(tmp_path / "adjustments.csv")


def test_what_differs_is_told_by_student_and_by_rule(run: Run, tmp_path: Path) -> None:
    run.add("ada", {"90.1"})
    run.add("grace")
    run.table()
    run.grade("ada", {"90.D2"})
    run.table()
    (change,) = compare(run.folder.path / "history" / "1", run.folder.path)
    assert (change.student, change.points) == ("ada", Decimal("2.00"))
    assert (change.before, change.after) == ("graded 10.00", "graded 12.00")
    assert len(change.rules) == 2
    lines = report([change], 2)
    assert lines[0].startswith("1 of 2 students differ: 1 up, 0 down")
    assert compare(run.folder.path, run.folder.path) == []


def test_tables_that_change_nothing_leave_no_history(run: Run) -> None:
    run.add("ada")
    run.table()
    run.table()
    assert not (run.folder.path / "history").exists()


def test_the_verbs_say_what_they_did(
    run: Run, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(grades_verb, "ROOT", root)
    run.add("ada")
    path = str(run.folder.path)
    assert grades_verb.main([path]) == 0
    assert "1 of 1 students have a grade" in capsys.readouterr().out
    assert compare_verb.main([path]) == 2
    assert "have not changed yet" in capsys.readouterr().err
    run.grade("ada", {"!90.1"})
    assert grades_verb.main([path]) == 6
    assert compare_verb.main([path]) == 0
    assert "ada: graded 14.00 -> infra" in capsys.readouterr().out
    run.write("policy.toml", "du = 1")
    assert grades_verb.main([path]) == 2


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", " =1", "\t=1", "%0A=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert guarded(cell).startswith("'") and unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["0555", "-1.5", "+2", "12.50", "Ada", "", "'tis", "O'Hara"])
def test_numbers_and_plain_texts_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell == unguarded(cell)


def test_a_students_name_cannot_become_a_formula(run: Run) -> None:
    evil = '=HYPERLINK("http://x","y")'
    run.add("ada", people=(Person(student_id="ada", name=evil),))
    assert run.table()["ada"]["name"] == f"'{evil}"
    assert json.loads((run.folder.manifest).read_text())["people"][0]["name"] == evil
