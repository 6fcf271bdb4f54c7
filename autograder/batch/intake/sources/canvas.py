"""Canvas, "Download Submissions": flat files, named by canvas-lms `lib/content_zipper.rb`.

    <sortable name, lower case, non-word characters removed>[_LATE]_<user id>_<attachment id>_<file>

Anonymous: `[LATE_]anon_<id>_<attachment id>_<file>`. A text entry ends in `_text.html`, an address
in `_link.html`. A group's file carries the group's name and its representative's id.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from autograder.batch.intake.found import Found, Person
from autograder.batch.intake.names import JUNK
from autograder.batch.intake.snapshot import Sent

NAME = re.compile(
    r"(?:(?P<name>\w+?)_)?(?P<late>LATE_)?(?P<user>\d+|anon_[A-Za-z0-9]+)_"
    r"(?:(?P<attachment>\d+)_(?P<file>.+)|(?P<kind>text|link)\.html)"
)
RESUBMITTED = re.compile(r"-\d+(?=\.[A-Za-z.]+$)")
"""Canvas numbers the files of a later attempt: `work-1.zip`, `work-2.zip`."""


def recognises(folder: Path) -> bool:
    """True if every file is named in Canvas's way, and there are no folders."""
    entries = [entry for entry in folder.iterdir() if entry.name not in JUNK]
    return bool(entries) and all(one.is_file() and NAME.fullmatch(one.name) for one in entries)


def read(folder: Path) -> list[Found]:
    """The submissions of a download."""
    files: dict[str, list[re.Match[str]]] = defaultdict(list)
    for file in sorted(folder.iterdir()):
        match = NAME.fullmatch(file.name)
        if match and file.is_file():
            files[match["user"]].append(match)
    return [_found(folder, user, matches) for user, matches in files.items()]


def _found(folder: Path, user: str, matches: list[re.Match[str]]) -> Found:
    sent = tuple(
        Sent(folder / match.string, RESUBMITTED.sub("", match["file"]))
        for match in matches
        if match["file"]
    )
    name, late = matches[0]["name"] or "", any(match["late"] for match in matches)
    if name == "LATE" and user.startswith("anon_"):
        name, late = "", True
    kinds = {match["kind"] for match in matches}
    problem = ""
    if not sent:
        what = "an address" if "link" in kinds else "a text entry"
        problem = f"{what} was handed in, no file: see {matches[0].string}"
    person = Person(name=name, canvas_id="" if user.startswith("anon_") else user)
    return Found(f"canvas_{user}", "canvas", (person,), sent, late=late, problem=problem)
