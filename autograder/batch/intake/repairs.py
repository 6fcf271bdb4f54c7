"""Near matches, for the instructor to confirm: `roster_repair.csv` in the run's folder.

A line says which student a submission may be of. With `yes` under `accept` it is taken so at the
next intake; with another student's key under `student`, that one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from autograder.batch.csv_safety import guarded, unguarded
from autograder.batch.intake.manifest import Entry

COLUMNS = ("submission", "student", "likeness", "accept", "why")


def read_repairs(file: Path) -> dict[str, str]:
    """The confirmed lines: key of a submission -> key of the student.

    Raises:
        ValueError: the file has other columns.
    """
    return {row["submission"]: row["student"] for row in _rows(file) if _accepted(row)}


def write_repairs(file: Path, entries: Sequence[Entry]) -> int:
    """Write a line for each submission that is nobody's, and keep the confirmed ones.

    Returns:
        How many wait for an answer.
    """
    kept = [row for row in _rows(file) if _accepted(row)]
    answered = {row["submission"] for row in kept}
    open_ones = [
        {
            "submission": entry.key,
            "student": entry.suggested[0],
            "likeness": str(entry.suggested[1] or ""),
            "accept": "",
            "why": entry.unmatched,
        }
        for entry in entries
        if entry.unmatched and entry.key not in answered
    ]
    if kept or open_ones or file.exists():
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        rows = [*kept, *open_ones]
        writer.writerows([{name: guarded(cell) for name, cell in row.items()} for row in rows])
        part = file.with_name(f".{file.name}.part")
        part.write_text(text.getvalue(), encoding="utf-8")
        part.replace(file)
    return len(open_ones)


def _rows(file: Path) -> list[dict[str, str]]:
    if not file.exists():
        return []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if not set(COLUMNS[:4]) <= set(reader.fieldnames or ()):
            raise ValueError(f"{file}: needs the columns {', '.join(COLUMNS[:4])}")
        return [
            {name: unguarded((row.get(name) or "").strip()) for name in COLUMNS} for row in reader
        ]


def _accepted(row: dict[str, str]) -> bool:
    return row["accept"].lower() in ("y", "yes", "1", "true", "x") and bool(row["student"])
