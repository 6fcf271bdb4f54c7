"""aliases.csv: who wants to be on the board, and under which name. Only people write it.

    student,alias
    0555,The Engine
    0556,ada

Nobody else is on it. A name that is another student's would show them against their will, or
deceive: it is refused.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Collection
from pathlib import Path

from autograder.batch.csv_safety import unguarded
from autograder.batch.intake.matching import name_forms
from autograder.batch.intake.rows import Row

LONGEST = 32
COLUMNS = ("student", "alias")


class WishError(Exception):
    """The file cannot be used. Says in which line and why."""


def read_wishes(file: Path, rows: Collection[Row]) -> dict[str, str]:
    """The alias of each student who wants to be seen; empty if there is no file.

    Raises:
        WishError: a line is not of this class, or its alias is empty, long, taken, or a name.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            found = list(reader)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, csv.Error) as error:
        raise WishError(f"{file}: cannot be read ({error})") from error
    if not set(COLUMNS) <= set(reader.fieldnames or ()):
        raise WishError(f"{file}: needs the columns {', '.join(COLUMNS)}")
    keys = {row.key for row in rows}
    wishes: dict[str, str] = {}
    taken: set[str] = set()
    for number, line in enumerate(found, 2):
        student = unguarded((line["student"] or "").strip())
        alias = " ".join(unguarded(line["alias"] or "").split())
        why = _refused(student, alias, keys, taken) or _is_somebody(student, alias, rows)
        if student in wishes:
            why = "the student stands twice"
        if why:
            raise WishError(f"{file}, line {number}: {why}")
        wishes[student] = alias
        taken.add(_plain(alias))
    return wishes


def _refused(student: str, alias: str, keys: Collection[str], taken: Collection[str]) -> str:
    if student not in keys:
        return f"{student!r} is nobody in this class"
    if not alias or len(alias) > LONGEST or not alias.isprintable():
        return f"an alias has 1 to {LONGEST} printable characters"
    return f"the alias {alias!r} is taken" if _plain(alias) in taken else ""


def _is_somebody(student: str, alias: str, rows: Collection[Row]) -> str:
    """Why the alias would name another student, or ""."""
    for row in rows:
        if row.key != student:
            person = row.person
            names = {row.key, *person.ids().values(), *name_forms(person.name), person.name}
            if _plain(alias) in {_plain(name) for name in names if name}:
                return f"the alias {alias!r} names another student"
    return ""


def _plain(text: str) -> str:
    """Text as people compare it: without case, accents, punctuation and spaces."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in apart if char.isalnum()) or apart
