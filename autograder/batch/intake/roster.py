"""The class list: any CSV with a heading row that names students, a gradebook's export included."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.batch.intake.found import Person

HEADINGS = {
    "student_id": ("student_id", "student id", "sid", "id number", "sis user id", "identifier"),
    "name": ("name", "full name", "student", "display name"),
    "first": ("first name", "first_name", "given name", "first"),
    "last": ("last name", "last_name", "surname", "family name", "last"),
    "email": ("email", "email address", "e-mail", "mail"),
    "username": (
        "username",
        "github_username",
        "github",
        "github username",
        "login",
        "sis login id",
    ),
    "canvas_id": ("canvas_id", "id"),
    "moodle_id": ("moodle_id",),
    "section": ("section", "sections", "group", "tutorial"),
}
"""What a column may be called, in lower case. The first that is there counts."""
PARTICIPANT = re.compile(r"Participant (\d+)")
"""What Moodle's worksheet has under "Identifier"."""


class RosterError(Exception):
    """A roster cannot be used. Says in which line and why."""


@dataclass(frozen=True)
class Student:
    """One row of the roster. `key` names the student in every file of a run."""

    key: str
    person: Person
    section: str = ""


def read_roster(file: Path) -> list[Student]:
    """The students of a roster, in its order.

    Raises:
        RosterError: the file cannot be read, names nobody, or names two students alike.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            text = lines.read()
        rows = list(csv.reader(text.splitlines(), delimiter=_delimiter(text)))
    except (OSError, ValueError, csv.Error) as error:
        raise RosterError(f"{file}: cannot be read ({error})") from error
    if not rows:
        raise RosterError(f"{file}: is empty")
    columns = _columns([heading.strip().lower() for heading in rows[0]])
    if not {"student_id", "email", "username", "canvas_id"} & set(columns):
        known = "student_id, email, username or ID"
        raise RosterError(f"{file}: no column identifies a student: one must be called {known}")
    students = []
    for row in rows[1:]:
        student = _student(row, columns)
        if student:
            students.append(student)
    _check_distinct(file, students)
    return students


def _delimiter(text: str) -> str:
    head = text.partition("\n")[0]
    return max((",", ";", "\t"), key=head.count)


def _columns(headings: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for field, names in HEADINGS.items():
        position = next((headings.index(name) for name in names if name in headings), None)
        if position is not None:
            found[field] = position
    return found


def _student(row: list[str], columns: dict[str, int]) -> Student | None:
    def cell(field: str) -> str:
        position = columns.get(field, len(row))
        return row[position].strip() if position < len(row) else ""

    name = cell("name") or f"{cell('first')} {cell('last')}".strip()
    if name in ("Points Possible", "Student, Test"):  # rows of Canvas that are no students
        return None
    student_id, moodle_id = cell("student_id"), cell("moodle_id")
    participant = PARTICIPANT.fullmatch(student_id)
    if participant:
        student_id, moodle_id = "", participant[1]
    person = Person(student_id, name, cell("email"), cell("username"), cell("canvas_id"), moodle_id)
    key = next(iter(person.ids().values()), "")
    return Student(key, person, cell("section")) if key else None


def _check_distinct(file: Path, students: list[Student]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for number, student in enumerate(students, 1):
        for kind, value in student.person.ids().items():
            before = seen.setdefault((kind, value.casefold()), number)
            if before != number:
                raise RosterError(
                    f"{file}: students {before} and {number} have one {kind}: {value}"
                )
