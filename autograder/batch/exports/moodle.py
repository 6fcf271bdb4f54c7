"""Fill Moodle's grading worksheet, by the rules of its importer.

From Moodle `mod/assign/gradingtable.php` and `mod/assign/feedback/offline/importgradeslib.php`: the
import wants `Identifier` ("Participant 123"), `Grade` and `Last modified (grade)`, passes over rows
that were graded later than their modified column says, and over grades beyond the maximum. Headings
are in the site's language. So one column is filled and nothing else is touched. A decimal point is
read in every language (`lib/moodlelib.php`, `unformat_float`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP

from autograder.batch.exports.filling import CENT, ExportError, Filled, Finder, number_in, scaled
from autograder.batch.exports.raw_csv import RawCsv
from autograder.batch.intake.found import Person
from autograder.batch.intake.roster import PARTICIPANT
from autograder.batch.scores.grade import Grade

HEADINGS = {
    "identifier": "Identifier",
    "name": "Full name",
    "email": "Email address",
    "student_id": "ID number",
    "grade": "Grade",
    "maximum": "Maximum Grade",
    "scale": "Scale",
    "can_be_changed": "Grade can be changed",
    "modified": "Last modified (grade)",
}
"""What the columns are called on an English site."""
NEEDED = ("identifier", "grade", "modified")
NO = ("no", "0", "false")


def fill_moodle(
    template: bytes,
    grades: Collection[Grade],
    headings: Mapping[str, str] | None = None,
    scale: bool = False,
) -> Filled:
    """Fill in the grades; every other byte stays as it is.

    Args:
        template: the worksheet as Moodle gave it.
        grades: of the class.
        headings: for sites in other languages: keys of `HEADINGS` -> headings.
        scale: convert where the assignment has other points than these grades.

    Raises:
        ExportError: the file is no such worksheet.
    """
    try:
        table = RawCsv.read(template)
    except UnicodeDecodeError as error:
        raise ExportError(f"the template is not UTF-8 ({error})") from None
    columns = _columns(table, {**HEADINGS, **(headings or {})})
    finder, filled = Finder(grades), Filled()
    for row in range(1, len(table.rows)):
        cells = {name: table.value(row, number).strip() for name, number in columns.items()}
        if any(cells.values()):
            why = _fill_row(table, row, columns["grade"], cells, (finder, scale), filled)
            if why:
                filled.left.append(f"{cells.get('name') or cells['identifier']}: {why}")
    filled.missing = finder.missing()
    filled.data = table.write()
    if table.delimiter != ",":
        said = "a tab" if table.delimiter == "\t" else repr(table.delimiter)
        filled.left.append(f"say at the import that {said} separates; old sites read commas only")
    return filled


def _fill_row(
    table: RawCsv,
    row: int,
    target: int,
    cells: Mapping[str, str],
    how: tuple[Finder, bool],
    filled: Filled,
) -> str:
    """Fill one row; gives why it was left as it is, or ""."""
    finder, scale = how
    participant = PARTICIPANT.fullmatch(cells["identifier"])
    number = participant[1] if participant else "".join(filter(str.isdigit, cells["identifier"]))
    person = Person(
        student_id=cells.get("student_id", ""),
        name=cells.get("name", ""),
        email=cells.get("email", ""),
        moodle_id=number,
    )
    try:
        grade = finder.find(person)
    except ExportError as error:
        return str(error)
    if grade is None:
        return "no submission of theirs is known"
    if grade.final is None:
        return "is excused" if grade.excused else "there is no grade"
    if cells.get("can_be_changed", "").lower() in NO:
        return "Moodle says that the grade cannot be changed"
    points = scaled(grade, number_in(cells.get("maximum", "")), scale).quantize(CENT, ROUND_HALF_UP)
    before = number_in(cells["grade"])
    if before is not None and before.quantize(CENT, ROUND_HALF_UP) == points:
        filled.same += 1
    else:
        table.set_number(row, target, str(points))
        filled.changed += 1
    return ""


def _columns(table: RawCsv, headings: Mapping[str, str]) -> dict[str, int]:
    first = (
        [table.value(0, number).strip() for number in range(len(table.rows[0]))]
        if (table.rows)
        else []
    )
    found = {name: first.index(text) for name, text in headings.items() if text in first}
    missing = [headings[name] for name in NEEDED if name not in found]
    if missing:
        raise ExportError(
            f"the template has no column {', '.join(missing)}: is it a grading worksheet in another"
            f" language? Then --heading grade=Note. It has: {', '.join(first)}"
        )
    if "scale" in found and "maximum" not in found:
        raise ExportError("the assignment is graded by a scale of words, which points are not")
    return found
