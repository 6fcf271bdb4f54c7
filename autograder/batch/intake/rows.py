"""One row for every student: which submission is graded for them, or why none is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from autograder.batch.intake.found import Person
from autograder.batch.intake.manifest import Entry
from autograder.batch.intake.roster import Student


@dataclass(frozen=True)
class Row:
    """A student of the class, or the owner of a submission that no roster knows.

    Attributes:
        key: names the student in every file of the run.
        entry: the submission that counts, or None.
        problem: why none does although there is one, or "".
        in_roster: False for a row that was made for a submission.
    """

    key: str
    person: Person
    section: str
    entry: Entry | None
    problem: str = ""
    in_roster: bool = True


def rows_of(roster: Sequence[Student] | None, entries: Sequence[Entry]) -> list[Row]:
    """The rows of a class: the roster's, then one for each submission that is nobody's.

    Args:
        roster: the class; None if there is no list, so that each submission is its own row.
        entries: the manifest.
    """
    rows = []
    for student in roster or ():
        own = [entry for entry in entries if student.key in entry.students]
        entry, problem = latest(own)
        rows.append(Row(student.key, student.person, student.section, entry, problem))
    taken = {row.key for row in rows}
    for entry in entries:
        if roster is None or not entry.students:
            person = entry.people[0] if entry.people else Person()
            key = next(iter(person.ids().values()), entry.key)
            key = entry.key if key in taken else key
            taken.add(key)
            rows.append(Row(key, person, "", entry, entry.problem, in_roster=roster is None))
    return rows


def latest(entries: Sequence[Entry]) -> tuple[Entry | None, str]:
    """The submission that counts: the latest. Which that is must be known, not guessed."""
    if len(entries) < 2:
        return (entries[0], entries[0].problem) if entries else (None, "")
    if all(entry.submitted_at for entry in entries):
        ordered = sorted(entries, key=lambda one: datetime.fromisoformat(one.submitted_at))
        if _instant(ordered[-1]) != _instant(ordered[-2]):
            return ordered[-1], ordered[-1].problem
    if len({entry.content for entry in entries}) == 1 and entries[0].content:
        return entries[0], ""
    names = ", ".join(entry.key for entry in entries)
    return None, f"{len(entries)} submissions, and no times that tell the latest: {names}"


def _instant(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.submitted_at)
