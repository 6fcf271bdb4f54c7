"""What was filled in is what the gradebook's own importer reads, and nothing else has changed."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.batch.exports.canvas import fill_canvas
from autograder.batch.exports.documents import gradescope, junit
from autograder.batch.exports.moodle import fill_moodle
from autograder.batch.scores.grade import Grade
from autograder.batch.scores.tables import grades_csv, rules_csv
from autograder.cli.grading import ROOT
from tests.batch.exports.bench import ADA, ALAN, GRACE, grade, make_run
from tests.batch.exports.gradebook_readers import CanvasStudent, canvas, moodle

KNOWN = {
    1001: CanvasStudent("0555", "ada", "Ada Lovelace", "Lovelace, Ada"),
    1002: CanvasStudent("556", "grace", "Grace Hopper", "Hopper, Grace"),
    1003: CanvasStudent("557", "alan", "Alan Turing", "Turing, Alan"),
    1004: CanvasStudent("", "zoe", "Zoë O'Hara", "O'Hara, Zoë"),
    1005: CanvasStudent("559", "ken", "Ken", "Ken"),
}
ASSIGNMENTS = {12345: "Lab; one", 99: "Quiz", 98: "Lab, old"}
HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Section", "Notes"]
HEADER += ["Lab; one (12345)", "Quiz (99)", "Lab, old (98)", "Final Score", "Unposted Final Grade"]
POSTING = ["", "", "", "", "", "", "", "Manual Posting", "", "", "", ""]
POSSIBLE = ["    Points Possible", "", "", "", "", "", "", "14.00", "10,00", "(read only)", "", ""]
ROWS = [
    HEADER,
    POSTING,
    POSSIBLE,
    ["Lovelace, Ada", "1001", "0555", "ada", "", "A and B", "late\ntwice", "", "7,50", "1", "", ""],
    ["Hopper, Grace", "1002", "556", "grace", "", "A, B", '"=1+1"', "3", "-", "2", "61,5", "B-"],
    ["Turing, Alan", "1003", "557", "alan", "", "A", "", "", "EX", "3", "", ""],
    ["O'Hara, Zoë", "1004", "", "zoe", "", "A", "", "1.234,5", "9", "", "", ""],
    ["Ken", "1005", "559", "ken", "", "B", "", "ex", "9", "", "", ""],
    ["Student, Test", "9", "", "x", "", "A", "", "", "", "", "", ""],
]
KEN, ZOE = replace(ALAN, student_id="559"), replace(ALAN, student_id="560", username="zoe")


def csv_text(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


@pytest.fixture
def grades(tmp_path: Path) -> list[Grade]:
    """On time, late, excused by policy, missing, and with a formula for a name."""
    run = make_run(tmp_path / "root", set())
    ken = replace(KEN, name="Ken", email="", username="ken", canvas_id="1005", moodle_id="205")
    zoe = replace(ZOE, name="=HYPERLINK(1)", email="", canvas_id="1004", moodle_id="204")
    return [
        grade(ADA, "12.50", run),
        grade(GRACE, "0.00", run),
        replace(grade(ALAN, None, run), excused="excused by M: ill"),
        grade(zoe, None),
        grade(ken, "13.99", run),
    ]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_canvas_reads_the_grades_and_nothing_else_is_new(
    mark: str, end: str, delimiter: str, grades: list[Grade]
) -> None:
    template = (mark + csv_text(ROWS, delimiter, end)).encode()
    before = canvas(template, KNOWN, ASSIGNMENTS, custom=("Notes",))
    filled = fill_canvas(template, grades, "12345")
    after = canvas(filled.data, KNOWN, ASSIGNMENTS, custom=("Notes",))
    lab = {student: one.pop("Lab; one") for student, one in after.grades.items()}
    assert lab == {1001: "12.50", 1002: "0.00", 1003: "EX", 1004: "1234.5", 1005: "ex"}
    for one in before.grades.values():
        del one["Lab; one"]
    assert after == before and after.new_assignments == []
    assert before.grades[1001] == {"Quiz": "7.50"}, "a read only column is left out"
    assert [text.partition(":")[0] for text in filled.left] == ["O'Hara, Zoë", "Ken"]


def test_canvas_with_names_in_two_columns_is_read_back(grades: list[Grade]) -> None:
    rows = []
    for row in ROWS:
        last, _, first = row[0].partition(", ")
        names = ["LastName", "FirstName"] if row is HEADER else [last, first]
        rows.append([*names, *row[1:]])
    # No id at all: whole names decide, in Canvas and here.
    rows[3][2:5] = ["", "", ""]
    filled = fill_canvas(csv_text(rows).encode(), grades, "12345")
    found = canvas(filled.data, KNOWN, ASSIGNMENTS, custom=("Notes",))
    assert found.grades[1001]["Lab; one"] == "12.50" and found.new_students == ["Test Student"]


def test_what_canvas_would_create_or_refuse_is_seen_by_its_reader() -> None:
    text = csv_text(ROWS).replace("Lab; one (12345)", "Lab three")
    assert canvas(text.encode(), KNOWN, ASSIGNMENTS, ("Notes",)).new_assignments == ["Lab three"]
    with pytest.raises(AssertionError, match="header"):
        canvas(text.replace("Section", "Room").encode(), KNOWN, ASSIGNMENTS, ("Notes",))


WORKSHEET = [
    ["Identifier", "Full name", "ID number", "Status", "Grade", "Maximum Grade"]
    + ["Grade can be changed", "Last modified (grade)", "Feedback comments"],
    ["Participant 201", "Ada Lovelace", "0555", "Submitted", "", "14.00", "Yes", "-", '<p>"a"</p>'],
    ["Participant 202", "Grace Hopper", "556", "Late", "3.00", "14.00", "Yes", "-", "=1+1"],
    ["Participant 203", "Alan Turing", "557", "No submission", "", "14.00", "Yes", "-", ""],
    ["Participant 204", "Zoë", "560", "Submitted", "2.00", "14.00", "Yes", "-", ""],
    ["Participant 205", "Ken", "559", "Submitted", "", "14.00", "No", "-", ""],
]
GERMAN = {
    "identifier": "ID",
    "name": "Vollständiger Name",
    "student_id": "ID-Nummer",
    "grade": "Bewertung",
    "maximum": "Bestwertung",
    "can_be_changed": "Bewertung kann geändert werden",
    "modified": "Zuletzt geändert (Bewertung)",
}


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_moodle_reads_the_grades_and_nothing_else_is_new(
    mark: str, separator: str, grades: list[Grade]
) -> None:
    template = (mark + csv_text(WORKSHEET, separator, "\r\n")).encode()
    filled = fill_moodle(template, grades)
    found = moodle(filled.data, maximum=14, separator=separator)
    assert found == {201: 12.5, 202: 0.0, 204: 2.0}
    assert any("separates" in text for text in filled.left) == (separator != ",")
    old = list(csv.reader(io.StringIO(template.decode(), newline=""), delimiter=separator))
    new = list(csv.reader(io.StringIO(filled.data.decode(), newline=""), delimiter=separator))
    changed = [(r, c) for r, row in enumerate(old) for c, x in enumerate(row) if new[r][c] != x]
    assert changed == [(1, 4), (2, 4)]


def test_moodle_of_a_site_with_decimal_commas_reads_the_same(grades: list[Grade]) -> None:
    rows = [[cell.replace(".00", ",00") for cell in row] for row in WORKSHEET]
    english = ["Identifier", "Full name", "ID number", "Grade", "Maximum Grade"]
    english += ["Grade can be changed", "Last modified (grade)"]
    words = dict(zip(english, GERMAN.values(), strict=True))
    rows[0] = [words.get(heading, heading) for heading in rows[0]]
    rows = [[cell.replace("Participant", "Teilnehmer/in") for cell in row] for row in rows]
    rows[5][6] = "Nein"
    filled = fill_moodle(csv_text(rows).encode(), grades, GERMAN)
    found = moodle(
        filled.data,
        (GERMAN["identifier"], GERMAN["grade"], GERMAN["modified"]),
        "Teilnehmer/in ",
        14,
        ",",
    )
    assert found[201] == 12.5 and found[202] == 0.0


def test_points_beyond_the_maximum_are_never_written(grades: list[Grade]) -> None:
    rows = [[cell.replace("14.00", "7.00") for cell in row] for row in WORKSHEET]
    filled = fill_moodle(csv_text(rows).encode(), grades, scale=True)
    assert moodle(filled.data, maximum=7)[201] == 6.25


FORMULA = re.compile(r"\s*[=+\-@|%]")


def test_the_neutral_tables_are_read_back_without_a_formula(grades: list[Grade]) -> None:
    run = grades[0].state.run
    assert run is not None
    text = grades_csv(grades, run.course, (90,))
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO(text))}
    assert [row["final"] for row in rows.values()] == ["12.50", "0.00", "", "", "13.99"]
    assert rows["557"]["reason"] == "excused by M: ill"
    assert rows["560"]["name"] == "'=HYPERLINK(1)"
    for table in (text, rules_csv(grades)):
        for line in csv.reader(io.StringIO(table)):
            assert not [c for c in line if FORMULA.match(c) and not re.fullmatch(r"[-+][\d.]+", c)]


def test_every_table_is_written_where_cells_are_guarded() -> None:
    """Spreadsheets of the example's own class and of the repairs are guarded by themselves."""
    writers = {
        path.relative_to(ROOT / "autograder" / "batch").as_posix()
        for path in (ROOT / "autograder" / "batch").rglob("*.py")
        if re.search(r"csv\.(Dict)?[wW]riter", path.read_text("utf-8"))
    }
    assert writers == {"scores/tables.py", "intake/repairs.py", "example/make_class.py"}


def test_gradescope_and_junit_are_read_back(grades: list[Grade]) -> None:
    one = json.loads(json.dumps(gradescope(grades[0])))
    assert one["score"] == 12.5
    assert {type(test["score"]) for test in one["tests"]} == {float}
    assert {test["status"] for test in one["tests"]} <= {"passed", "failed"}
    assert junit(grades).decode().count("<testsuite ") == len(grades)
