"""A submission is a student's by exact ids, then by the whole name; likeness only suggests."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.batch.intake.found import Found, Person
from autograder.batch.intake.manifest import Entry, read_manifest, write_manifest
from autograder.batch.intake.matching import Matcher
from autograder.batch.intake.repairs import read_repairs, write_repairs
from autograder.batch.intake.roster import RosterError, Student, read_roster
from autograder.batch.intake.rows import rows_of

CSV = """SID,First Name,Last Name,Email,GitHub,Section
0555,Ada,Lovelace,ada@example.edu,ada-l,A
556,Zoë,O'Hara,zoe@example.edu,,A
557,Jane,Doe,jane@example.edu,jdoe,B
558,Jane,Doe,jane2@example.edu,jdoe2,B
"""


@pytest.fixture
def roster(tmp_path: Path) -> list[Student]:
    (tmp_path / "roster.csv").write_text(CSV, encoding="utf-8-sig")
    return read_roster(tmp_path / "roster.csv")


def found(*people: Person, any_id: str = "", key: str = "s") -> Found:
    return Found(key, "plain", people, (), any_id=any_id)


def test_ids_are_text(roster: list[Student]) -> None:
    assert [student.key for student in roster] == ["0555", "556", "557", "558"]
    assert roster[0].person.name == "Ada Lovelace" and roster[0].section == "A"


def test_canvas_gradebooks_and_moodle_worksheets_are_rosters(tmp_path: Path) -> None:
    canvas = "Student,ID,SIS User ID,SIS Login ID,Section,Lab (7)\n    Points Possible,,,,,100\n"
    canvas += '"Lovelace, Ada",1001,0555,ada,A,\n"Student, Test",9,,x,A,\n'
    moodle = "Identifier,Full name,Email address,Grade\nParticipant 201,Ada Lovelace,a@b.edu,\n"
    for text, person in (
        (canvas, Person("0555", "Lovelace, Ada", "", "ada", "1001")),
        (moodle, Person("", "Ada Lovelace", "a@b.edu", moodle_id="201")),
    ):
        (tmp_path / "r.csv").write_text(text)
        (student,) = read_roster(tmp_path / "r.csv")
        assert student.person == person


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("name,room\nAda,1\n", "no column identifies"),
        ("email\na@b.edu\nA@B.edu\n", "students 1 and 2 have one email"),
    ],
)
def test_a_roster_that_names_nobody_or_two_alike_is_refused(
    text: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(RosterError, match=why):
        read_roster(tmp_path / "r.csv")


@pytest.mark.parametrize(
    "one",
    [
        found(Person(student_id="0555")),
        found(Person(email="ADA@example.edu")),
        found(Person(username="Ada-L")),
        found(Person(name="Ada Lovelace")),
        found(Person(name="lovelaceada")),
        found(Person(name="Lovelace, Ada")),
        found(any_id="0555"),
        found(any_id="ada"),
        found(any_id="ada_lovelace"),
        found(Person(student_id="0555", name="Somebody Else")),
    ],
)
def test_ids_and_whole_names_match(one: Found, roster: list[Student]) -> None:
    assert Matcher(roster, {}).match(one).students == ("0555",)


def test_accents_do_not_matter(roster: list[Student]) -> None:
    assert Matcher(roster, {}).match(found(Person(name="zoe ohara"))).students == ("556",)


@pytest.mark.parametrize("text", ["555", "lovelace", "ada@elsewhere.edu"])
def test_what_is_only_near_is_nobodys(text: str, roster: list[Student]) -> None:
    assert Matcher(roster, {}).match(found(any_id=text)).students == ()


def test_ids_that_disagree_and_names_of_two_are_nobodys(roster: list[Student]) -> None:
    matcher = Matcher(roster, {})
    both = matcher.match(found(Person(student_id="0555", email="zoe@example.edu")))
    assert both.students == () and "two students" in both.problem
    twins = matcher.match(found(Person(name="Jane Doe")))
    assert twins.students == () and "557 or 558" in twins.problem


def test_a_group_is_everybodys_of_it(roster: list[Student]) -> None:
    group = found(Person(student_id="0555"), Person(student_id="556"), Person(name="Nobody"))
    match = Matcher(roster, {}).match(group)
    assert match.students == ("0555", "556") and "Nobody" in match.problem


def test_near_matches_are_suggested_and_confirmed_by_hand(
    roster: list[Student], tmp_path: Path
) -> None:
    file = tmp_path / "roster_repair.csv"
    match = Matcher(roster, {}).match(found(any_id="adalovlace", key="sub"))
    assert match.students == () and match.suggested == "0555" and match.likeness > 0.9
    entry = Entry("sub", "plain", (), unmatched=match.problem, suggested=(match.suggested, 0.95))
    assert write_repairs(file, [entry]) == 1
    assert read_repairs(file) == {}, "a suggestion is no answer"
    file.write_text(file.read_text().replace("0.95,,", "0.95,yes,"))
    assert read_repairs(file) == {"sub": "0555"}
    assert Matcher(roster, read_repairs(file)).match(found(key="sub")).students == ("0555",)
    assert write_repairs(file, [entry]) == 0
    assert read_repairs(file) == {"sub": "0555"}, "what was confirmed is never lost"
    unknown = Matcher(roster, {"sub": "999"}).match(found(key="sub"))
    assert unknown.students == () and "not in the roster" in unknown.problem


def entry(key: str, student: str = "", at: str = "", content: str = "") -> Entry:
    students = (student,) if student else ()
    return Entry(key, "plain", (Person(),), students, submitted_at=at, content=content or key)


def test_every_student_has_one_row_and_every_submission_an_owner(roster: list[Student]) -> None:
    rows = rows_of(roster, [entry("a", "0555"), entry("b", "556"), entry("stray")])
    assert [row.key for row in rows] == ["0555", "556", "557", "558", "stray"]
    assert [row.entry.key if row.entry else "" for row in rows] == ["a", "b", "", "", "stray"]
    assert [row.in_roster for row in rows] == [True] * 4 + [False]


def test_without_a_roster_each_submission_is_a_row() -> None:
    assert [row.in_roster for row in rows_of(None, [entry("a"), entry("b")])] == [True, True]


def test_the_latest_submission_counts_and_is_never_guessed(roster: list[Student]) -> None:
    early, late = "2026-11-01T23:00:00-05:00", "2026-11-02T05:00:00+00:00"
    row, *_ = rows_of(roster, [entry("a", "0555", late), entry("b", "0555", early)])
    assert row.entry and row.entry.key == "a", "instants are compared, not texts"
    row, *_ = rows_of(roster, [entry("a", "0555", late), entry("b", "0555")])
    assert row.entry is None and "a, b" in row.problem
    row, *_ = rows_of(roster, [entry("a", "0555", "", "same"), entry("b", "0555", "", "same")])
    assert row.entry and row.problem == "", "the same twice is no question"


def test_a_manifest_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    entries = [entry("a", "0555", "x"), Entry("ü", "moodle", (Person(name="Zoë"),), late=True)]
    write_manifest(tmp_path / "manifest.jsonl", entries)
    assert read_manifest(tmp_path / "manifest.jsonl") == entries
