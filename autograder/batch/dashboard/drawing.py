"""Drawings as inline SVG: a histogram, and a heat map of one path a shade."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

SHADES = 5
CELL = 11
LONGEST = 26
"""Characters of a row's name that are drawn; all of it is shown when the pointer rests on it."""


def bars(counts: Sequence[int], most: float) -> str:
    """A histogram of scores from 0 to `most`."""
    width, height, tallest = 24, 110, max(counts, default=0) or 1
    parts = []
    for number, count in enumerate(counts):
        tall = round(height * count / tallest)
        low, high = number * most / len(counts), (number + 1) * most / len(counts)
        x, top = number * width, 14 + height - tall
        parts.append(
            f'<rect x="{x}" y="{top}" width="{width - 2}" height="{tall}">'
            f"<title>{low:g} to {high:g} points: {count} students</title></rect>"
        )
        if count:
            parts.append(
                f'<text x="{x + width / 2 - 1}" y="{top - 3}" text-anchor="middle">{count}</text>'
            )
    total, below = len(counts) * width, height + 30
    return (
        f'<svg class="bars" viewBox="0 0 {total} {below + 2}" role="img"'
        f' aria-label="Distribution of scores">{"".join(parts)}'
        f'<text x="0" y="{below}">0</text>'
        f'<text x="{total}" y="{below}" text-anchor="end">{most:g}</text></svg>'
    )


def heat_map(rows: Sequence[Sequence[float]], names: Sequence[str], columns: Sequence[str]) -> str:
    """Shares from 0 to 1: a row for each student, a column for each rule.

    Args:
        rows: of equal length.
        names: of the rows.
        columns: names of the columns.
    """
    paths: list[list[str]] = [[] for _ in range(SHADES)]
    for y, row in enumerate(rows):
        for x, share in enumerate(row):
            paths[shade_of(share)].append(
                f"M{x * CELL} {y * CELL}h{CELL - 1}v{CELL - 1}h-{CELL - 1}z"
            )
    drawn = "".join(
        f'<path class="shade{shade}" d="{"".join(path)}"/>' for shade, path in enumerate(paths)
    )
    shown = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in names]
    left = 8 + round(5.4 * max(map(len, shown), default=0))
    above = 8 + round(5.6 * max(map(len, columns), default=0))
    width, height = len(columns) * CELL, len(rows) * CELL
    over = "".join(
        f'<text x="-4" y="{y * CELL + 8}" text-anchor="end">{escape(short)}</text>'
        f'<rect class="row" x="-{left}" y="{y * CELL}" width="{left + width}" height="{CELL}">'
        f"<title>{escape(name)}</title></rect>"
        for y, (name, short) in enumerate(zip(names, shown, strict=True))
    )
    heads = "".join(
        f'<text transform="translate({x * CELL + 8} -4) rotate(-90)">{escape(name)}</text>'
        for x, name in enumerate(columns)
    )
    box = f"{-left} {-above} {left + width} {above + height}"
    return (
        f'<svg class="heat" viewBox="{box}" role="img" width="{left + width}"'
        f' height="{above + height}" aria-label="Who gets which rule">{heads}{drawn}{over}</svg>'
    )


def key() -> str:
    """The shades, from none to all of a rule's points."""
    cells = "".join(
        f'<rect class="shade{shade}" x="{shade * 20}" width="19" height="12"/>'
        for shade in range(SHADES)
    )
    return f'none <svg class="key" viewBox="0 0 100 12" aria-hidden="true">{cells}</svg> all'


def shade_of(share: float) -> int:
    """The lightest shade for nothing, the darkest for everything alone."""
    return min(SHADES - 1, int(share * (SHADES - 1) + (share > 0) * 0.999)) if share < 1 else 4
