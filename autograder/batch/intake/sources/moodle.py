"""Moodle, "Download all submissions": `Full Name_<participant>_assignsubmission_<plugin>[_]…`.

Folders, or with folders switched off files, as Moodle's `mod/assign` names them. Groups have their
group's name in front. `onlinetext` is a text entry: there is nothing in it to grade.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from autograder.batch.intake.found import Found, Person
from autograder.batch.intake.snapshot import Sent

NAME = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?"
)


def recognises(folder: Path) -> bool:
    """True if any entry is named in Moodle's way."""
    return any(NAME.fullmatch(entry.name) for entry in folder.iterdir())


def read(folder: Path) -> list[Found]:
    """The submissions of a download."""
    entries: dict[str, list[re.Match[str]]] = defaultdict(list)
    for entry in sorted(folder.iterdir()):
        match = NAME.fullmatch(entry.name)
        if match:
            entries[match["id"]].append(match)
    return [_found(folder, number, matches) for number, matches in entries.items()]


def _found(folder: Path, number: str, matches: list[re.Match[str]]) -> Found:
    sent = tuple(
        Sent(folder / match.string, match["file"] or "")
        for match in matches
        if match["plugin"] == "file"
    )
    problem = "" if sent else f"a text entry was handed in, no file: see {matches[0].string}"
    person = Person(name=matches[0]["name"], moodle_id=number)
    return Found(f"moodle_{number}", "moodle", (person,), sent, problem=problem)
