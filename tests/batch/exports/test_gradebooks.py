"""A gradebook's own file gets one column filled, and every other byte comes back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.batch.exports.canvas import fill_canvas
from autograder.batch.exports.filling import ExportError, number_in
from autograder.batch.exports.moodle import fill_moodle
from autograder.batch.exports.raw_csv import RawCsv
from autograder.batch.intake.roster import read_roster
from autograder.batch.scores.grade import Grade
from tests.batch.exports.bench import ADA, ALAN, GRACE, grade, make_run

HERE = Path(__file__).parent
CANVAS = (HERE / "canvas.csv").read_text("utf-8")
MOODLE = (HERE / "moodle.csv").read_text("utf-8")
ODD = ["", "a", "a,b\n", 'a,"b\nc",d\r\n"x""y",,\r\n', ",,\n\n,", '"a"b,c']


@pytest.fixture
def grades(tmp_path: Path) -> list[Grade]:
    run = make_run(tmp_path / "root", set())
    return [grade(ADA, "12.50", run), grade(GRACE, "8.00", run), grade(ALAN, "9.00", run)]


def lines(data: bytes) -> list[str]:
    return data.decode().splitlines()


def test_canvas_one_column_is_filled_and_no_other_byte_is_touched(grades: list[Grade]) -> None:
    filled = fill_canvas(CANVAS.encode(), grades, "12345")
    expected = CANVAS.replace('one""",,7.50', 'one""",12.50,7.50')
    assert filled.data.decode() == expected.replace("grace,A,3,8", "grace,A,8.00,8")
    assert filled.changed == 2 and filled.missing == []
    assert [text.partition(":")[0] for text in filled.left] == ["Turing, Alan", "Stranger, A"]
    again = fill_canvas(filled.data, grades, "Lab, one")
    assert again.data == filled.data and (again.changed, again.same) == (0, 2)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_canvas_byte_order_mark_line_ends_and_delimiter_stay(
    mark: str, end: str, delimiter: str, grades: list[Grade]
) -> None:
    plain = CANVAS.replace("Lab, one", "Lab one").replace('"Lovelace, Ada"', "Ada Lovelace")
    plain = plain.replace('"Hopper, Grace"', "Grace Hopper").replace('"Turing, Alan"', "Alan T")
    plain = plain.replace('"Stranger, A"', "A S").replace('"Student, Test"', "Test Student")
    text = mark + plain.replace(",", delimiter).replace("\n", end)
    filled = fill_canvas(text.encode(), grades, "12345").data.decode()
    row = delimiter.join(["1002", "556", "grace", "A", "3", "8"])
    assert filled.replace("8.00", "3").replace("12.50", "") == text and row in text


def test_canvas_without_the_last_line_end_stays_without(grades: list[Grade]) -> None:
    text = CANVAS.rstrip("\n").encode()
    assert not fill_canvas(text, grades, "12345").data.endswith(b"\n")


@pytest.mark.parametrize(
    ("old", "new", "column", "why"),
    [
        ("Student,ID", "Name,Number", "12345", "no gradebook that Canvas exported"),
        (",Section,", ",Room,", "12345", "no gradebook that Canvas exported"),
        ("", "", "Lab", "no assignment 'Lab'"),
        ("", "", "1234", "no assignment '1234'"),
        ("", "", "Section", "no assignment"),
        ("Quiz (99)", "Lab two (12345)", "12345", "more than one"),
        ("14.00", "(read only)", "12345", "read only"),
        ("14.00", "100.00", "12345", "has 100.00 points"),
    ],
)
def test_canvas_refuses_what_it_would_take_otherwise(
    old: str, new: str, column: str, why: str, grades: list[Grade]
) -> None:
    with pytest.raises(ExportError, match=why):
        fill_canvas(CANVAS.replace(old, new, 1).encode(), grades, column)


def test_canvas_points_are_converted_only_if_asked_for(grades: list[Grade]) -> None:
    text = CANVAS.replace("14.00", "100").encode()
    filled = fill_canvas(text, grades, "12345", scale=True)
    assert lines(filled.data)[3].endswith("89.29,7.50,")


def test_canvas_ids_that_disagree_are_left_alone(grades: list[Grade]) -> None:
    text = CANVAS.replace("1001,0555,ada", "1001,556,ada").encode()
    filled = fill_canvas(text, grades, "12345")
    assert "Lovelace, Ada: its ids are of different students" in filled.left
    assert lines(filled.data)[3] == lines(text)[3]


def test_canvas_by_login_and_by_name_where_there_is_no_id(grades: list[Grade]) -> None:
    text = CANVAS.replace("1001,0555,ada", "77,,ada").replace("1002,556,grace", "78,,")
    filled = fill_canvas(text.encode(), grades, "12345")
    assert filled.changed == 2


def test_no_grade_leaves_the_cell_and_who_is_not_there_is_told(grades: list[Grade]) -> None:
    grades[1] = grade(GRACE, None)
    text = "".join(line for line in CANVAS.splitlines(True) if "Ada" not in line)
    filled = fill_canvas(text.encode(), grades, "12345")
    assert filled.data == text.encode() and filled.missing == ["0555"]
    assert "Hopper, Grace: there is no grade" in filled.left


def test_a_canvas_export_is_a_roster_and_the_roster_finds_its_rows(
    grades: list[Grade], tmp_path: Path
) -> None:
    (tmp_path / "gradebook.csv").write_text(CANVAS)
    students = read_roster(tmp_path / "gradebook.csv")
    assert [one.person.canvas_id for one in students] == ["1001", "1002", "1003", "1009"]
    rebuilt = [grade(one.person, "5.00", grades[0].state.run) for one in students]
    assert fill_canvas(CANVAS.encode(), rebuilt, "12345").missing == []


def test_moodle_one_column_is_filled_and_no_other_byte_is_touched(grades: list[Grade]) -> None:
    filled = fill_moodle(MOODLE.encode(), grades)
    expected = MOODLE.replace('"Submitted, late",,', '"Submitted, late",12.50,')
    expected = expected.replace("alan@example.edu,Submitted,,", "alan@example.edu,Submitted,9.00,")
    assert filled.data.decode() == expected
    assert filled.left[0] == "Grace Hopper: Moodle says that the grade cannot be changed"
    again = fill_moodle(filled.data, grades)
    assert again.data == filled.data and again.same == 2


def test_moodle_headings_of_other_languages_are_told(grades: list[Grade]) -> None:
    german = MOODLE.replace("Identifier,Full", "ID,Full").replace(",Grade,", ",Bewertung,")
    with pytest.raises(ExportError, match="no column Identifier, Grade"):
        fill_moodle(german.encode(), grades)
    headings = {"identifier": "ID", "grade": "Bewertung"}
    assert fill_moodle(german.encode(), grades, headings).changed == 2


def test_moodle_gets_no_points_where_words_are_wanted_and_no_other_encoding(
    grades: list[Grade],
) -> None:
    with pytest.raises(ExportError, match="scale of words"):
        fill_moodle(MOODLE.replace("Maximum Grade", "Scale").encode(), grades)
    with pytest.raises(ExportError, match="UTF-8"):
        fill_moodle(MOODLE.replace("Ada", "Zoë").encode("latin-1"), grades)


@pytest.mark.parametrize("text", ODD)
def test_a_file_taken_apart_and_put_together_is_the_same(text: str) -> None:
    assert RawCsv.read(text.encode()).write() == text.encode()


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,234.5", 1234.5), ("1.234,5", 1234.5), ("12,5", 12.5), ("7", 7), ("EX", None), ("-", None)],
)
def test_numbers_are_read_as_canvas_reads_them(text: str, value: float | None) -> None:
    found = number_in(text)
    assert (None if found is None else float(found)) == value
