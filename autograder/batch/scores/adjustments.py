"""adjustments.csv: what people add to or take from single grades. Only people write it.

    student,item,points,was,author,reason,content
    0555,1.8,+0.40,0.00,Mara,"the handout was unclear",
    556,2,=11,9.50,Mara,"graded by hand",5629f685
    557,total,-2,88.00,Theo,"handed in a copy of the lecture",

`item` is a rule, a stage or "total"; `points` is added (`+`, `-`) or takes the place (`=`). `was`
is what the item was worth when the line was written: if a regrade has changed that, the line is
stale, is not applied, and the row needs attention. So it is if `content`, which may be left out, is
not what grades.csv says of the work that is graded now. Lines are applied before lateness.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from autograder.batch.csv_safety import unguarded

COLUMNS = ("student", "item", "points", "was", "author", "reason")


class AdjustmentError(Exception):
    """The file cannot be used. Says in which line and why."""


@dataclass(frozen=True)
class Adjustment:
    """One line of the file. `instead` says whether `points` take the item's place."""

    line: int
    student: str
    item: str
    points: Decimal
    instead: bool
    was: Decimal
    author: str
    reason: str
    content: str = ""


@dataclass(frozen=True)
class Applied:
    """What the adjustments of one student come to.

    Attributes:
        points: to be added to the total.
        stale: why a line was not applied, one text each.
    """

    points: Decimal = Decimal(0)
    stale: tuple[str, ...] = ()


def read_adjustments(file: Path) -> list[Adjustment]:
    """The lines of the file; none if it is not there.

    Raises:
        AdjustmentError: a line is incomplete, or changes an item twice.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            rows = list(reader)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, csv.Error) as error:
        raise AdjustmentError(f"{file}: cannot be read ({error})") from error
    if not set(COLUMNS) <= set(reader.fieldnames or ()):
        raise AdjustmentError(f"{file}: needs the columns {', '.join(COLUMNS)}, cut by commas")
    found = [_adjustment(file, number, row) for number, row in enumerate(rows, 2)]
    seen: set[tuple[str, str]] = set()
    for one in found:
        if (one.student, one.item) in seen:
            raise AdjustmentError(f"{file}, line {one.line}: {one.item} is adjusted twice")
        seen.add((one.student, one.item))
    return found


def apply(
    adjustments: Collection[Adjustment],
    student: str,
    worth: Mapping[str, tuple[Decimal, Decimal]],
    content: str = "",
) -> Applied:
    """What the adjustments of one student come to, never less than nothing or more than all.

    Args:
        adjustments: of the whole class.
        student: key of the student.
        worth: by item, its points and the most that it can be worth; "total" is one.
        content: names the work that is graded.
    """
    points, stale = Decimal(0), []
    ours = [one for one in adjustments if one.student == student]
    for one in ours:
        why = _why_not(one, worth, content, ours)
        if why:
            stale.append(f"adjustment in line {one.line} {why}")
        else:
            points += one.points - worth[one.item][0] if one.instead else one.points
    total, most = worth["total"]
    kept = min(max(total + points, Decimal(0)), most) - total
    if kept != points:
        stale.append(f"adjustments come to {total + points} of {most}: it is {total + kept}")
    return Applied(kept, tuple(stale))


def _why_not(
    one: Adjustment,
    worth: Mapping[str, tuple[Decimal, Decimal]],
    content: str,
    others: Collection[Adjustment],
) -> str:
    """Why a line is not applied, or ""."""
    if one.item not in worth:
        return f"is not applied: there is no item {one.item!r}"
    now, most = worth[one.item]
    new = one.points if one.instead else now + one.points
    if now != one.was:
        return f"is stale: {one.item} was {one.was}, is {now}"
    if one.content and not content.startswith(one.content):
        return "is stale: it was written for other work"
    if not 0 <= new <= most:
        return f"is not applied: {one.item} would be {new} of {most}"
    over = [o.line for o in others if o.instead and _is_part(one.item, o.item)]
    return f"is not applied: line {over[0]} says what all of it is worth" if over else ""


def _is_part(item: str, whole: str) -> bool:
    """True if points of one item are points of the other, too."""
    if whole == "total":
        return item != "total"
    return item.partition(".")[0] == whole and item != whole


def _adjustment(file: Path, number: int, row: Mapping[str, str | None]) -> Adjustment:
    cells = {name: unguarded((row.get(name) or "").strip()) for name in COLUMNS}
    empty = [name for name, text in cells.items() if not text]
    if empty:
        raise AdjustmentError(f"{file}, line {number}: {empty[0]} is empty")
    points = cells["points"]
    if points[0] not in "+-=":
        raise AdjustmentError(f"{file}, line {number}: points begin with +, - or =")
    try:
        value = Decimal(points.removeprefix("="))
        was = Decimal(cells["was"])
    except InvalidOperation:
        raise AdjustmentError(f"{file}, line {number}: points and was are numbers") from None
    if not value.is_finite() or not was.is_finite():
        raise AdjustmentError(f"{file}, line {number}: points and was are numbers")
    return Adjustment(
        number,
        cells["student"],
        cells["item"],
        value,
        points[0] == "=",
        was,
        cells["author"],
        cells["reason"],
        (row.get("content") or "").strip(),
    )
