"""What differs between two sets of tables: to be read before anything is published."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from autograder.batch.csv_safety import unguarded


class TablesError(Exception):
    """There are no tables to compare. Says where."""


@dataclass(frozen=True)
class Change:
    """One student whose row differs.

    Attributes:
        before, after: status and final grade, as one text.
        points: by how much the grade went up; None if one of them is no grade.
        rules: that changed, with what they were and are.
    """

    student: str
    before: str
    after: str
    points: Decimal | None
    rules: tuple[str, ...]


def compare(before: Path, after: Path) -> list[Change]:
    """The students who differ, in the order of the later tables, then those who are gone.

    Raises:
        TablesError: one of the folders holds no tables.
    """
    old, new = _table(before / "grades.csv"), _table(after / "grades.csv")
    old_rules, new_rules = _rules(before / "rules.csv"), _rules(after / "rules.csv")
    changes = []
    for student in [*new, *(key for key in old if key not in new)]:
        was, now = old.get(student), new.get(student)
        one, other = old_rules.get(student, {}), new_rules.get(student, {})
        rules = tuple(
            f"{rule}: {one.get(rule, '-')} -> {other.get(rule, '-')}"
            for rule in dict.fromkeys([*one, *other])
            if one.get(rule) != other.get(rule) and one and other
        )
        if _shown(was) != _shown(now) or rules:
            changes.append(Change(student, _shown(was), _shown(now), _points(was, now), rules))
    return changes


def report(changes: list[Change], students: int, most: int = 40) -> list[str]:
    """The changes in lines: what happened in all, by rule, then by student."""
    if not changes:
        return [f"nothing differs: {students} students have the grades that they had"]
    moved = [one.points for one in changes if one.points]
    up, down = [x for x in moved if x > 0], [x for x in moved if x < 0]
    lines = [
        f"{len(changes)} of {students} students differ: {len(up)} up, {len(down)} down,"
        f" {len(changes) - len(moved)} with the same grade or none"
    ]
    if moved:
        lines.append(f"  from {min(moved):+} to {max(moved):+} points")
    counted = Counter(rule.partition(":")[0] for one in changes for rule in one.rules)
    if counted:
        shown = ", ".join(f"{rule} ({number})" for rule, number in counted.most_common(10))
        lines.append(f"  rules that changed, and for how many: {shown}")
    for one in changes[:most]:
        lines.append(f"  {one.student}: {one.before} -> {one.after}")
        lines += [f"      {rule}" for rule in one.rules[:6]]
    if len(changes) > most:
        lines.append(f"  and {len(changes) - most} more students")
    return lines


def students_in(folder: Path) -> int:
    """How many rows a folder's grades have."""
    return len(_table(folder / "grades.csv"))


def _table(file: Path) -> dict[str, dict[str, str]]:
    return {unguarded(row["student"]): row for row in _read(file)}


def _rules(file: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in _read(file):
        text = f"{row['status']} {row['points']} of {row['max']}"
        found.setdefault(unguarded(row["student"]), {})[row["rule"]] = text
    return found


def _read(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    except OSError as error:
        raise TablesError(f"{file}: cannot be read ({error.strerror}); run `grades`") from error


def _shown(row: dict[str, str] | None) -> str:
    if row is None:
        return "not in the class"
    return f"{row['status']} {row['final']}".strip()


def _points(was: dict[str, str] | None, now: dict[str, str] | None) -> Decimal | None:
    if not was or not now or not was["final"] or not now["final"]:
        return None
    return Decimal(now["final"]) - Decimal(was["final"])
