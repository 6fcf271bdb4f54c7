"""Drawings as inline SVG: a histogram, and a heat map of one path a shade."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

SHADES = 5
CELL = 9


def bars(counts: Sequence[int], most: float) -> str:
    """A histogram of scores from 0 to `most`."""
    width, height, tallest = 24, 110, max(counts, default=0) or 1
    parts = []
    for number, count in enumerate(counts):
        tall = round(height * count / tallest)
        low, high = number * most / len(counts), (number + 1) * most / len(counts)
        parts.append(
            f'<rect x="{number * width}" y="{height - tall}" width="{width - 2}" height="{tall}">'
            f"<title>{low:g} to {high:g} points: {count} students</title></rect>"
        )
    total = len(counts) * width
    return (
        f'<svg class="bars" viewBox="0 0 {total} {height + 18}" role="img"'
        f' aria-label="Distribution of scores">{"".join(parts)}'
        f'<text x="0" y="{height + 14}">0</text>'
        f'<text x="{total}" y="{height + 14}" text-anchor="end">{most:g}</text></svg>'
    )


def heat_map(rows: Sequence[Sequence[float]], names: Sequence[str], columns: Sequence[str]) -> str:
    """Shares from 0 to 1: a row for each student, a column for each rule.

    Args:
        rows: of equal length.
        names: of the rows; shown when the pointer rests on a row.
        columns: names of the columns.
    """
    paths: list[list[str]] = [[] for _ in range(SHADES)]
    for y, row in enumerate(rows):
        for x, share in enumerate(row):
            shade = min(SHADES - 1, int(share * (SHADES - 1) + (share > 0) * 0.999))
            paths[shade].append(f"M{x * CELL} {y * CELL}h{CELL - 1}v{CELL - 1}h-{CELL - 1}z")
    drawn = "".join(
        f'<path class="shade{shade}" d="{"".join(path)}"/>' for shade, path in enumerate(paths)
    )
    width, height = len(columns) * CELL, len(rows) * CELL
    over = "".join(
        f'<rect class="row" x="0" y="{y * CELL}" width="{width}" height="{CELL}">'
        f"<title>{escape(name)}</title></rect>"
        for y, name in enumerate(names)
    )
    heads = "".join(
        f'<text transform="translate({x * CELL + 7} -3) rotate(-90)">{escape(name)}</text>'
        for x, name in enumerate(columns)
    )
    return (
        f'<svg class="heat" viewBox="0 -40 {max(width, 1)} {height + 40}" role="img"'
        f' style="width:{max(width, 1)}px" aria-label="Who gets which rule">'
        f"{heads}{drawn}{over}</svg>"
    )
