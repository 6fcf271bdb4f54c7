"""What filling a gradebook's own file comes to: who got a grade, who did not, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from autograder.batch.intake.found import Person
from autograder.batch.intake.matching import name_forms
from autograder.batch.scores.grade import Grade

CENT = Decimal("0.01")


class ExportError(Exception):
    """A file cannot be filled. Says why, and what to do."""


@dataclass
class Filled:
    """The filled file, and what an instructor should know before the import.

    Attributes:
        changed: how many cells are new.
        same: how many had that grade already.
        left: rows that were left as they were, and why.
        missing: students with a grade whom the file has not.
    """

    data: bytes = b""
    changed: int = 0
    same: int = 0
    left: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """For a person to read."""
        lines = [f"{self.changed} grades filled in, {self.same} were there already"]
        lines += [f"  left as it was: {text}" for text in self.left]
        return lines + [f"  not in the file: {text}" for text in self.missing]


class Finder:
    """Finds the grade of a gradebook's row: by each id that it has, and only then by name."""

    def __init__(self, grades: Collection[Grade]) -> None:
        self._grades = list(grades)
        self._by_id: dict[tuple[str, str], int] = {}
        self._by_name: dict[str, set[int]] = {}
        for number, grade in enumerate(self._grades):
            person = grade.state.row.person
            for kind, value in person.ids().items():
                self._by_id[kind, value.casefold()] = number
            for form in name_forms(person.name):
                self._by_name.setdefault(form, set()).add(number)
        self._found: set[int] = set()

    def find(self, person: Person) -> Grade | None:
        """The grade of this person; None if there is none.

        Raises:
            ExportError: two of the ids are of different students, or the name is of several.
        """
        ids = [(kind, value.casefold()) for kind, value in person.ids().items()]
        found = {self._by_id[one] for one in ids if one in self._by_id}
        if len(found) > 1:
            raise ExportError("its ids are of different students")
        if not found:
            for form in name_forms(person.name):
                found |= self._by_name.get(form, set())
            if len(found) > 1:
                raise ExportError("there are several students of that name")
        if not found:
            return None
        number = found.pop()
        self._found.add(number)
        return self._grades[number]

    def missing(self) -> list[str]:
        """Students with a grade whom nobody has asked for."""
        left = [one for number, one in enumerate(self._grades) if number not in self._found]
        return [one.state.row.key for one in left if one.final is not None]


def scaled(grade: Grade, possible: Decimal | None, scale: bool) -> Decimal:
    """A final grade in the gradebook's points.

    Args:
        grade: has a final grade.
        possible: the gradebook's points; None if it does not say.
        scale: whether to convert where the gradebook's points are others than ours.

    Raises:
        ExportError: they are others, and nobody asked to convert.
    """
    assert grade.final is not None
    most = Decimal(grade.maximum or (grade.state.run.maximum if grade.state.run else 0)) or possible
    if possible is None or most is None or most == possible:
        return grade.final
    if not scale:
        raise ExportError(
            f"the gradebook's item has {possible} points, these grades are of {most}:"
            " ask for --scale, or change the item"
        )
    return (grade.final * possible / most).quantize(CENT, ROUND_HALF_UP)


def number_in(text: str) -> Decimal | None:
    """A number as gradebooks write it, with either decimal mark; None if it is no number."""
    plain = text.strip().replace("\u00a0", "").replace(" ", "")
    if "," in plain and "." in plain:
        thousands = "," if plain.rindex(".") > plain.rindex(",") else "."
        plain = plain.replace(thousands, "")
    plain = plain.replace(",", ".")
    try:
        value = Decimal(plain)
    except ArithmeticError:
        return None
    return value if value.is_finite() else None


Cells = Callable[[str], str]


def person_of(columns: Mapping[str, str], cell: Cells) -> Person:
    """The person of a row: `columns` says which field stands under which heading."""
    return Person(**{field: cell(heading) for field, heading in columns.items()})
