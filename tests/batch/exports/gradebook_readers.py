"""How Canvas and Moodle read what an instructor uploads, written anew after their own importers.

Canvas: canvas-lms `lib/gradebook_importer.rb`. Moodle: `mod/assign/feedback/offline/locallib.php`
and `importgradeslib.php`, `lib/moodlelib.php` (`unformat_float`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

TOTALS = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
NOTHING = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class CanvasStudent:
    """Whom Canvas knows."""

    sis: str
    login: str
    name: str
    sortable: str


@dataclass
class CanvasImport:
    """What Canvas would do: grades by student and assignment, "" for no score."""

    grades: dict[int, dict[str, str]] = field(default_factory=dict)
    new_assignments: list[str] = field(default_factory=list)
    new_students: list[str] = field(default_factory=list)


def canvas(
    data: bytes,
    students: Mapping[int, CanvasStudent],
    assignments: Mapping[int, str],
    custom: tuple[str, ...] = (),
) -> CanvasImport:
    """Read a gradebook as Canvas does; a file that it would refuse is an assertion."""
    text = data.decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_canvas_delimiter(text)))
    rows = [row for row in rows if "".join(row).strip()]
    header = rows[0]
    both = header[0].endswith("LastName") and header[1] == "FirstName"
    assert both or ("Student" in header[0] and "ID" in header[1]), "Invalid header row"
    at_id = 2 if both else 1
    info = _student_columns(header, at_id + 1) + len(custom)
    assert "Section" in header[info - 1 - len(custom)], "Invalid header row"
    targets = {
        name: _assignment(name, assignments) for name in header[info:] if not TOTALS.search(name)
    }
    result = CanvasImport(new_assignments=[name for name, one in targets.items() if one is None])
    read_only: set[str] = set()
    for row in rows[1:]:
        if "Points Possible" in row[0]:
            read_only = {
                name for name in targets if re.search(r"read\s+only", row[header.index(name)])
            }
        elif not all(NOTHING.fullmatch(cell) for cell in row):
            name = f"{row[1]} {row[0]}".strip() if both else row[0]
            student = _student(row, header, at_id, name, students)
            if student is None:
                result.new_students.append(name)
                continue
            result.grades[student] = {
                target: _canvas_number(row[header.index(name)].strip())
                for name, target in targets.items()
                if target is not None and name not in read_only
            }
    return result


def _canvas_delimiter(text: str) -> str:
    counts = {}
    for mark in ";,":
        sizes = {len(next(csv.reader([line], delimiter=mark))) for line in text.splitlines()[:3]}
        counts[mark] = sizes.pop() if len(sizes) == 1 else 0
    return ";" if counts[";"] > counts[","] else ","


def _student_columns(header: list[str], at: int) -> int:
    """How many columns are about students: names, id, section, and what comes between."""
    if re.search(r"SIS\s+Login\s+ID", header[at]):
        return at + 2
    if re.search(r"SIS\s+User\s+ID", header[at]) and re.search(r"SIS\s+Login\s+ID", header[at + 1]):
        integration = int("Integration" in header[at + 2])
        return at + 3 + integration + int("Root Account" in header[at + 2 + integration])
    return at + 1


def _assignment(name: str, assignments: Mapping[int, str]) -> str | None:
    numbered = re.fullmatch(r"(.*?)\s*\((\d+)\)\s*", name)
    if numbered and int(numbered[2]) in assignments:
        return assignments[int(numbered[2])]
    return name if name in assignments.values() else None


def _student(
    row: list[str],
    header: list[str],
    at_id: int,
    name: str,
    students: Mapping[int, CanvasStudent],
) -> int | None:
    if row[at_id].isdigit() and int(row[at_id]) in students:
        return int(row[at_id])
    cells = dict(zip(header, row, strict=False))
    for key, one in students.items():
        if cells.get("SIS User ID") and cells["SIS User ID"] == one.sis:
            return key
    for key, one in students.items():
        if cells.get("SIS Login ID") and cells["SIS Login ID"] == one.login:
            return key
    return next((key for key, one in students.items() if name in (one.name, one.sortable)), None)


def _canvas_number(text: str) -> str:
    if not re.fullmatch(r"-?[0-9.,]+%?", text):
        return "" if text == "-" else text
    *whole, last = re.split(r"[,.]", text)
    return f"{''.join(whole)}.{last}" if whole else last


def moodle(
    data: bytes,
    headings: tuple[str, str, str] = ("Identifier", "Grade", "Last modified (grade)"),
    hidden_user: str = "Participant ",
    maximum: float = 100.0,
    decimal_mark: str = ".",
    separator: str = ",",
) -> dict[int, float]:
    """The grades that Moodle would write, by participant. What it would refuse is an assertion."""
    text = data.decode("utf-8").removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    header = rows[0]
    at_id, at_grade, _ = (header.index(heading) for heading in headings)
    assert {len(row) for row in rows} == {len(header)}, "rows of another length are refused"
    found = {}
    for row in rows[1:]:
        grade = row[at_grade].strip().replace(" ", "").replace(decimal_mark, ".")
        if grade and 0 <= float(grade) <= maximum:
            found[int(row[at_id][len(hidden_user) :])] = float(grade)
    return found
