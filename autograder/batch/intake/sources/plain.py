"""A folder of submissions: `<key>/…`, `<key>.zip`, `<key>.tar.gz`, or git clones.

The key is whatever the roster knows of a student. `manifest.csv` may stand beside them, with the
columns `submission` and any of student_id, name, email, username, submitted_at.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from autograder.batch.intake.found import Found, Person, SourceError
from autograder.batch.intake.git_clone import commit_time
from autograder.batch.intake.names import JUNK, safe_key
from autograder.batch.intake.snapshot import Sent
from autograder.batch.intake.unpack import SUFFIXES, is_archive

MANIFEST = "manifest.csv"


def read(folder: Path) -> list[Found]:
    """The submissions of a folder. Files that are neither folder nor archive are passed over.

    Raises:
        SourceError: manifest.csv cannot be read, or names what is not there.
    """
    told = _manifest(folder / MANIFEST)
    entries = {
        _stem(entry.name): entry
        for entry in sorted(folder.iterdir())
        if entry.name not in JUNK and (entry.is_dir() or is_archive(entry.name))
    }
    missing = sorted(set(told) - set(entries))
    if missing:
        raise SourceError(f"{folder / MANIFEST}: names {missing[0]}, which is not there")
    return [_found(stem, entry, told.get(stem)) for stem, entry in entries.items()]


def _found(stem: str, entry: Path, told: Mapping[str, str] | None) -> Found:
    instant = commit_time(entry) if entry.is_dir() else ""
    if told is None:
        return Found(safe_key(stem), "plain", (Person(),), (Sent(entry),), instant, any_id=stem)
    fields = ("student_id", "name", "email", "username")
    person = Person(**{field: (told.get(field) or "").strip() for field in fields})
    instant = (told.get("submitted_at") or "").strip() or instant
    any_id = "" if person.ids() else stem
    return Found(safe_key(stem), "plain", (person,), (Sent(entry),), instant, any_id=any_id)


def _manifest(file: Path) -> dict[str, dict[str, str]]:
    if not file.is_file():
        return {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        return {_stem(row["submission"].strip()): row for row in rows}
    except (OSError, ValueError, KeyError, AttributeError, csv.Error) as error:
        raise SourceError(f"{file}: cannot be read ({error!r})") from error


def _stem(name: str) -> str:
    """The name without the ending of an archive."""
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name
