"""The manifest: one line for each submission that was found, whatever became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.batch.intake.found import Person


@dataclass(frozen=True)
class Entry:
    """One submission after intake.

    Attributes:
        key: what names it in every file of the run.
        source: where it came from.
        people: as the source names them.
        students: keys of the roster's rows whose it is.
        submitted_at: the recorded instant, ISO 8601 with its offset, or "".
        late: what the source says, or None.
        content: names its snapshot; "" if it could not be taken.
        problem: why it could not, or "".
        notes: what was repaired or left out.
        unmatched: why it is nobody's, or not all of a group's, or "".
        suggested: the student who is most alike, and how much.
    """

    key: str
    source: str
    people: tuple[Person, ...]
    students: tuple[str, ...] = ()
    submitted_at: str = ""
    late: bool | None = None
    content: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()
    unmatched: str = ""
    suggested: tuple[str, float] = ("", 0.0)


def write_manifest(file: Path, entries: Iterable[Entry]) -> None:
    """Write all lines at once: a reader sees the old manifest or the new one."""
    text = "".join(f"{json.dumps(asdict(entry))}\n" for entry in entries)
    part = file.with_name(f".{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def read_manifest(file: Path) -> list[Entry]:
    """The inverse of `write_manifest`.

    Raises:
        OSError, ValueError: it is not there, or was not written by it.
    """
    lines = file.read_text(encoding="utf-8").splitlines()
    return [_entry(json.loads(line)) for line in lines]


def _entry(data: dict[str, Any]) -> Entry:
    people = tuple(Person(**person) for person in data.pop("people"))
    notes, students = tuple(data.pop("notes")), tuple(data.pop("students"))
    name, likeness = data.pop("suggested")
    return Entry(people=people, notes=notes, students=students, suggested=(name, likeness), **data)
