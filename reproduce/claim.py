"""A claim, what was measured for it, and the verdict: data, and one pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A number measured with several seeds: its mean, and the least and the greatest."""

    mean: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        """Sum up the values of several seeds."""
        return cls(sum(values) / len(values), min(values), max(values))


@dataclass(frozen=True)
class Row:
    """What the claim compares with, and the figure for each workload, by its title."""

    against: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class Claim:
    """A sentence that is taught, where it is from, and what was measured.

    `least` and `most` bound what it says, in the unit of the figures; `shown` formats a figure.
    `fails_below` and `fails_above` are the words for a figure out of bounds.
    """

    text: str
    source: str
    least: float
    most: float
    shown: str
    below: str
    above: str
    rows: tuple[Row, ...]

    def place(self, figure: Figure) -> int:
        """Say where a figure lies, as rounded for showing: -1 below the claim, 0 in it, 1 above."""
        shown = float(self.shown.format(figure.mean).rstrip("%×x "))
        unit = 100.0 if self.shown.rstrip("}").endswith("%") else 1.0
        return (shown > self.most * unit) - (shown < self.least * unit)

    def verdict(self, row: Row) -> str:
        """Say in plain words for which workloads the claim holds against this."""
        by_place: dict[int, list[str]] = {0: [], -1: [], 1: []}
        for title, figure in row.figures.items():
            by_place[self.place(figure)].append(title)
        if not by_place[-1] and not by_place[1]:
            return "holds"
        words = {-1: self.below, 1: self.above}
        wrong = "; ".join(
            f"{words[place]}: {', '.join(by_place[place])}" for place in (-1, 1) if by_place[place]
        )
        if not by_place[0]:
            return f"does not hold; {wrong}"
        return f"holds only on {', '.join(by_place[0])}; {wrong}"

    def held(self) -> tuple[int, int]:
        """Give the number of figures that the claim holds for, and of all."""
        places = [self.place(figure) for row in self.rows for figure in row.figures.values()]
        return places.count(0), len(places)
