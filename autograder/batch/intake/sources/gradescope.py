"""Gradescope, "Export submissions": `submission_metadata.yml` and a folder for each submission.

    submission_123456:
      :submitters:
      - :name: Repo Student
        :sid: '555'
        :email: repo@example.edu
      :created_at: 2026-11-01 10:00:00.123 Z

The form is Ruby's: keys are symbols, so they begin with a colon. Only these keys are read; the rest
of the file, often most of it, holds outputs of tests.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from autograder.batch.intake.found import Found, Person, SourceError
from autograder.batch.intake.names import safe_key
from autograder.batch.intake.snapshot import Sent
from autograder.batch.intake.sources.ruby_yaml import YamlError, read_entries

METADATA = "submission_metadata.yml"


def recognises(folder: Path) -> bool:
    """True if there is Gradescope's metadata."""
    return (folder / METADATA).is_file()


def read(folder: Path) -> list[Found]:
    """The submissions of an export.

    Raises:
        SourceError: the metadata cannot be read.
    """
    try:
        text = (folder / METADATA).read_text(encoding="utf-8-sig")
        entries = read_entries(text, ":submitters", (":created_at",))
    except (OSError, ValueError, YamlError) as error:
        raise SourceError(f"{folder / METADATA}: cannot be read ({error})") from error
    found = []
    for key, entry in entries.items():
        people = tuple(
            Person(
                student_id=one.get(":sid", ""),
                name=one.get(":name", ""),
                email=one.get(":email", ""),
            )
            for one in entry.items
        )
        place = folder / key
        problem = ""
        if Path(key).name != key or not place.exists() or place.is_symlink():
            problem = f"the export lists {key} and has no such file or folder"
        sent = () if problem else (Sent(place),)
        instant = _instant(entry.values.get(":created_at", ""))
        found.append(Found(safe_key(key), "gradescope", people, sent, instant, problem=problem))
    return found


def _instant(text: str) -> str:
    """Ruby's "2026-11-01 10:00:00.123 Z" as ISO 8601; "" if it is something else."""
    words = text.split()
    if len(words) == 3:
        text = f"{words[0]}T{words[1]}{'+00:00' if words[2] in ('Z', 'UTC') else words[2]}"
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return instant.isoformat() if instant.tzinfo else ""
