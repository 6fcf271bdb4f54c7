"""What was measured, as data: points that say what of, and the figures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reproduce.claim import Figure


@dataclass(frozen=True)
class Point:
    """One run, or one result: `labels` say of what, `figures` have a name each."""

    labels: Mapping[str, str]
    figures: Mapping[str, float]


def pick(points: Sequence[Point], **labels: object) -> list[Point]:
    """Give the points with these labels, in order.

    Raises:
        KeyError: there is none.
    """
    wanted = {name: str(value) for name, value in labels.items()}
    found = [point for point in points if wanted.items() <= point.labels.items()]
    if not found:
        raise KeyError(f"no point {wanted}")
    return found


def figure(points: Sequence[Point], name: str) -> Figure:
    """Sum one figure up over seeds."""
    return Figure.of([point.figures[name] for point in points])


def ratio(points: Sequence[Point], others: Sequence[Point], name: str) -> Figure:
    """Sum up how many times as large a figure is as with the others, seed by seed."""
    pairs = zip(points, others, strict=True)
    return Figure.of([one.figures[name] / other.figures[name] for one, other in pairs])


def values(points: Sequence[Point], label: str) -> list[str]:
    """Give the values that a label has, each once, in order."""
    found = (point.labels[label] for point in points if label in point.labels)
    return list(dict.fromkeys(found))


def to_json(points: Sequence[Point]) -> str:
    """Give points as text: numbers to nine digits, one point a line."""
    return "[\n" + ",\n".join(_lines(points)) + "\n]\n"


def _lines(points: Sequence[Point]) -> Iterator[str]:
    for point in points:
        rounded = {name: float(f"{value:.9g}") for name, value in point.figures.items()}
        yield json.dumps({"of": dict(point.labels), **rounded}, ensure_ascii=False)


def from_json(text: str) -> list[Point]:
    """Read what `to_json` wrote."""
    rows = json.loads(text)
    return [
        Point(row["of"], {name: value for name, value in row.items() if name != "of"})
        for row in rows
    ]
