"""Classroom 50: one clone a student, `<classroom>-<assignment>-<username>/`, beside `scores.csv`.

The root's `scores.csv` (username, first name, last name, email, section, and the scores) names
those who handed in nothing, too. A clone's `result.json` has the instant of the graded commit.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

from autograder.batch.intake.found import Found, Person, SourceError
from autograder.batch.intake.git_clone import commit_time
from autograder.batch.intake.names import safe_key
from autograder.batch.intake.snapshot import Sent

MOST_BYTES = 8 << 20


def recognises(folder: Path) -> bool:
    """True if there is a `scores.csv` of usernames."""
    return "username" in (_header(folder / "scores.csv") or ())


def read(folder: Path) -> list[Found]:
    """The clones of a download, each with the student whose username ends its name.

    Raises:
        SourceError: scores.csv cannot be read.
    """
    try:
        with (folder / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = {row["username"].strip(): row for row in csv.DictReader(file) if row["username"]}
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise SourceError(f"{folder / 'scores.csv'}: cannot be read ({error})") from error
    found = []
    for clone in sorted(entry for entry in folder.iterdir() if entry.is_dir()):
        # A username may have hyphens: the longest that fits is meant.
        fitting = [name for name in rows if clone.name.lower().endswith(f"-{name.lower()}")]
        username = max(fitting, key=len, default="")
        row = rows.get(username, {})
        name = f"{row.get('first name', '')} {row.get('last name', '')}".strip()
        person = Person(name=name, email=row.get("email") or "", username=username)
        any_id = "" if username else clone.name.rpartition("-")[2]
        instant = _graded_instant(clone / "result.json") or commit_time(clone)
        sent = (Sent(clone),)
        found.append(
            Found(safe_key(clone.name), "classroom50", (person,), sent, instant, any_id=any_id)
        )
    return found


def _header(file: Path) -> list[str] | None:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return next(csv.reader(lines), None)
    except (OSError, ValueError, csv.Error):
        return None


def _graded_instant(file: Path) -> str:
    try:
        if file.is_symlink() or file.stat().st_size > MOST_BYTES:
            return ""
        data = json.loads(file.read_text(encoding="utf-8"))
        return str(data["datetime"]) if data["schema"] == "classroom50/result/v1" else ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
