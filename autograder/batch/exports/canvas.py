"""Fill one column of the instructor's own Canvas export, by the rules of Canvas's importer.

From canvas-lms `lib/gradebook_importer.rb` and `lib/gradebook_exporter.rb`: column 0 has `Student`
in it (or `LastName` and `FirstName`), then `ID`, `SIS User ID`, `SIS Login ID`, …, and `Section` is
the last column about students. An assignment is found by the id in `Title (123)`, then by its
title; one that is not found becomes a new assignment, so it is refused here. Scores compare at two
decimals. `EX` is excused. A row `Points Possible` may say `(read only)`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import ROUND_HALF_UP, Decimal

from autograder.batch.exports.filling import CENT, ExportError, Filled, Finder, number_in, scaled
from autograder.batch.exports.raw_csv import RawCsv
from autograder.batch.intake.found import Person
from autograder.batch.scores.grade import Grade

TEST_STUDENT = ("Student, Test", "Test Student")
NO_STUDENT = re.compile(r"\s*(Points Possible|Muted|Manual Posting)?\s*")


def fill_canvas(
    template: bytes, grades: Collection[Grade], column: str, scale: bool = False
) -> Filled:
    """Fill in the grades; every other byte stays as it is.

    Args:
        template: the gradebook as Canvas exported it.
        grades: of the class.
        column: id of the assignment, or its whole title.
        scale: convert where the assignment has other points than these grades.

    Raises:
        ExportError: the file is no such export, or has no such column.
    """
    try:
        table = RawCsv.read(template)
    except UnicodeDecodeError as error:
        raise ExportError(f"the template is not UTF-8 ({error})") from None
    headings = (
        [table.value(0, number) for number in range(len(table.rows[0]))] if table.rows else []
    )
    ids = _columns(headings)
    target = _assignment(headings, column, ids["section"])
    possible = _possible(table, target)
    finder, filled = Finder(grades), Filled()
    for row in range(1, len(table.rows)):
        name = table.value(row, 0)
        if ids.get("lastname") == 0 and table.value(row, 1):
            name = f"{name}, {table.value(row, 1)}"
        if NO_STUDENT.fullmatch(name) or name in TEST_STUDENT or len(table.rows[row]) < 2:
            continue
        person = Person(
            student_id=_cell(table, row, ids.get("sis user id")),
            name=name,
            username=_cell(table, row, ids.get("sis login id")),
            canvas_id=_cell(table, row, ids["id"]),
        )
        _fill_row(table, row, target, person, (finder, possible, scale), filled)
    filled.missing = finder.missing()
    filled.data = table.write()
    return filled


def _fill_row(
    table: RawCsv,
    row: int,
    target: int,
    person: Person,
    how: tuple[Finder, Decimal | None, bool],
    filled: Filled,
) -> None:
    finder, possible, scale = how
    old = table.value(row, target).strip()
    try:
        grade = finder.find(person)
    except ExportError as error:
        filled.left.append(f"{person.name}: {error}")
        return
    if grade is not None and grade.excused and old.upper() != "EX":
        table.set_number(row, target, "EX")
        filled.changed += 1
        return
    if grade is None or grade.final is None and not grade.excused:
        why = "no submission of theirs is known" if grade is None else "there is no grade"
        filled.left.append(f"{person.name}: {why}")
        return
    if old.upper() == "EX" or grade.final is None:
        filled.left.append(f"{person.name}: is excused")
        return
    points = scaled(grade, possible, scale).quantize(CENT, ROUND_HALF_UP)
    before = number_in(old)
    if before is not None and before.quantize(CENT, ROUND_HALF_UP) == points:
        filled.same += 1
        return
    table.set_number(row, target, str(points))
    filled.changed += 1


def _columns(headings: list[str]) -> dict[str, int]:
    """Where the columns about students are, by their heading in lower case."""
    lower = [heading.strip().lower() for heading in headings]
    names = "student" in (lower[:1] or [""])[0] or lower[:2] == ["lastname", "firstname"]
    if not names or "id" not in lower or "section" not in lower:
        raise ExportError(
            "the template is no gradebook that Canvas exported: its first line has no Student, ID"
            " and Section"
        )
    section = lower.index("section")
    found = {name: number for number, name in enumerate(lower[: section + 1])}
    if "id" not in found:
        raise ExportError("the template has ID behind Section: Canvas would not read it")
    return found


def _assignment(headings: list[str], column: str, section: int) -> int:
    numbered = [
        number
        for number, heading in enumerate(headings)
        if number > section and re.search(rf"\({re.escape(column)}\)\s*$", heading)
    ]
    titled = [
        number
        for number, heading in enumerate(headings)
        if number > section and re.sub(r"\s*\(\d+\)\s*$", "", heading).strip() == column.strip()
    ]
    found = numbered or titled
    if len(found) != 1:
        have = ", ".join(heading for heading in headings[section + 1 :] if "(" in heading)
        what = "no" if not found else "more than one"
        raise ExportError(f"the template has {what} assignment {column!r}; it has: {have}")
    return found[0]


def _possible(table: RawCsv, target: int) -> Decimal | None:
    for row in range(1, min(4, len(table.rows))):
        if "Points Possible" in table.value(row, 0):
            text = table.value(row, target)
            if "read only" in text.lower():
                raise ExportError("Canvas says that the column is read only")
            return number_in(text)
    return None


def _cell(table: RawCsv, row: int, column: int | None) -> str:
    return "" if column is None else table.value(row, column).strip()
