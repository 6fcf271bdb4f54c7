"""Holds the generator against real traces: every statistic, several seeds, a band for each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workload.generate import generate
from workload.model import Model
from workload.statistics import describe, ks_distance
from workload.trace import Trace

SOURCES = Path(__file__).with_name("sources.toml")
BANDS = Path(__file__).with_name("bands.toml")


@dataclass(frozen=True)
class Band:
    """How far a generated value may be from the real one; `why_not` if it is not judged."""

    kind: str = ""
    size: float = 0.0
    why_not: str = ""

    def holds(self, real: float, generated: float) -> bool:
        """Say whether a generated value is near enough."""
        if not self.kind:
            return True
        distance = generated if self.kind == "most" else abs(generated - real)
        return distance <= self.size * (abs(real) if self.kind == "relative" else 1.0)

    def __str__(self) -> str:
        if not self.kind:
            return f"not judged: {self.why_not}" if self.why_not else "not judged"
        forms = {"relative": "± {:.0%}", "within": "± {:g}", "most": "at most {:g}"}
        return forms[self.kind].format(self.size)


@dataclass(frozen=True)
class Row:
    """One statistic: of the real trace, of each generated one, and its band."""

    name: str
    real: float
    generated: tuple[float, ...]
    band: Band

    @property
    def holds(self) -> bool:
        """Whether every seed is within the band."""
        return all(self.band.holds(self.real, value) for value in self.generated)


@cache
def _bands() -> Mapping[str, Any]:
    return tomllib.loads(BANDS.read_text(encoding="utf-8"))


def band_of(model: str, statistic: str) -> Band:
    """Give the band of a statistic for one model."""
    why_not = _bands()["not_judged"].get(model, {}).get(statistic)
    if why_not:
        return Band(why_not=why_not)
    for kind, size in _bands()["bands"].get(statistic, {}).items():
        return Band(kind, size)
    return Band()


def compare(model: Model, real: Trace, seeds: Sequence[int]) -> list[Row]:
    """Compare generated traces with a real one, that one measured anew."""
    made = [generate(model, seed=seed) for seed in seeds]
    rows = []
    for name in ("prompt", "output"):
        lengths = [getattr(trace, f"{name}_tokens") for trace in (real, *made)]
        distances = tuple(ks_distance(lengths[0], other) for other in lengths[1:])
        rows.append(Row(f"ks_{name}", 0.0, distances, band_of(model.name, f"ks_{name}")))
    return rows + _statistics(model, describe(real, model.beyond), made)


def compare_recorded(model: Model, seeds: Sequence[int]) -> list[Row]:
    """Compare generated traces with what is recorded of the real one; no real file is needed."""
    return _statistics(model, model.recorded, [generate(model, seed=seed) for seed in seeds])


def _statistics(model: Model, real: Mapping[str, float], made: Sequence[Trace]) -> list[Row]:
    figures = [describe(trace, model.beyond) for trace in made]
    return [
        Row(name, value, tuple(each[name] for each in figures), band_of(model.name, name))
        for name, value in real.items()
    ]


def find_real(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give the known traces in a folder: the name of the model fitted to each, and its file."""
    for name, source in tomllib.loads(SOURCES.read_text(encoding="utf-8")).items():
        names = [form for plain in source["files"] for form in (plain, f"{plain}.gz")]
        found = [folder / each for each in names if (folder / each).is_file()]
        if found:
            yield name, found[0]


def table(rows: Sequence[Row], seeds: Sequence[int]) -> Iterator[str]:
    """Give the rows as a table in Markdown, aligned to be read as plain text."""
    heads = ["statistic", "real", *(f"seed {seed}" for seed in seeds), "band", "holds"]
    cells = [
        [
            row.name,
            "" if row.band.kind == "most" else f"{row.real:.4g}",
            *(f"{value:.4g}" for value in row.generated),
            str(row.band),
            ("yes" if row.holds else "NO") if row.band.kind else "",
        ]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    for line in (heads, ["-" * width for width in widths], *cells):
        yield "| " + " | ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True)) + " |"
