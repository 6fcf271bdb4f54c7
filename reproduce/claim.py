"""A claim, what was measured for it, and the verdict: data, and pure functions of it."""

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
    """What the claim is compared with, and the figure for each workload, by its title."""

    against: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class Unit:
    """How figures are shown and, so that the eye agrees with the verdict, compared."""

    factor: float
    decimals: int
    sign: str
    apart: str
    """The sign of a difference."""

    def rounded(self, value: float) -> float:
        """Give the value as it is shown, without its sign."""
        return round(value * self.factor, self.decimals)

    def show(self, value: float) -> str:
        """Give the value as text."""
        return f"{value * self.factor:.{self.decimals}f}{self.sign}"

    def show_difference(self, value: float) -> str:
        """Give the difference of two values as text."""
        return f"{value * self.factor:.{self.decimals}f}{self.apart}"


PERCENT = Unit(100, 0, " %", " points")
TENTHS = Unit(100, 1, " %", " points")
TIMES = Unit(1, 2, "×", "")


@dataclass(frozen=True)
class Claim:
    """A sentence that is taught, who says so, and what was measured.

    It says that figures lie from `least` to `most`; `below` and `above` are the words for those
    that do not. `heading` says what the rows are. `why` explains the outcome, in words that depend
    on no figure.
    """

    text: str
    source: str
    least: float
    most: float
    unit: Unit
    below: str
    above: str
    why: str
    heading: str
    rows: tuple[Row, ...]

    def place(self, figure: Figure) -> int:
        """Say where a figure lies: -1 below what is claimed, 0 within, 1 above."""
        shown = self.unit.rounded(figure.mean)
        return (shown > self.unit.rounded(self.most)) - (shown < self.unit.rounded(self.least))

    def verdict(self, row: Row) -> str:
        """Say in a word or three whether the claim holds against this."""
        places = [self.place(figure) for figure in row.figures.values()]
        if not any(places):
            return "holds"
        return "holds in part" if 0 in places else "does not hold"

    def exceptions(self, row: Row) -> str:
        """Say in plain words on which workloads it does not hold, and how; empty if it holds."""
        titles: dict[int, list[str]] = {-1: [], 0: [], 1: []}
        for title, figure in row.figures.items():
            titles[self.place(figure)].append(title)
        parts = []
        for place, words in ((-1, self.below), (1, self.above)):
            everywhere = len(titles[place]) == len(row.figures)
            if titles[place]:
                where = "everywhere" if everywhere else f"on {' and '.join(titles[place])}"
                parts.append(f"{words} {where}")
        return "; ".join(parts)

    def held(self) -> tuple[int, int]:
        """Give the number of figures that are as claimed, and of all."""
        places = [self.place(figure) for row in self.rows for figure in row.figures.values()]
        return places.count(0), len(places)
