"""An experiment on serving: how it is measured, told and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import matplotlib
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from reproduce.claim import Claim
from reproduce.claim_text import claim_section, paragraph
from reproduce.options import Options, Report
from reproduce.scheduling.points import Point, from_json, to_json

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""They can be told apart without seeing red and green apart."""
Tell = Callable[[str], None]
Panels = Sequence[Axes]


@dataclass(frozen=True)
class Size:
    """How much is served: requests in a run, and the seeds of runs that are repeated."""

    requests: int
    seeds: tuple[int, ...]


FULL = Size(200, (0, 1))
QUICK = Size(12, (0,))


@dataclass(frozen=True)
class Experiment:
    """One experiment. All but `measure` are pure functions of the points.

    `setting` says in a few sentences what is served. `tables` gives what the claims come from.
    `draw` fills the panels that it gets, `panels` of them side by side.
    """

    title: str
    setting: str
    measure: Callable[[Size, Tell], list[Point]]
    claims: Callable[[Sequence[Point]], list[Claim]]
    tables: Callable[[Sequence[Point]], Iterator[str]]
    draw: Callable[[Sequence[Point], Panels], None]
    panels: int = 2


def report(experiment: Experiment, points: Sequence[Point]) -> Report:
    """Give the report of what was measured."""
    claims = experiment.claims(points)
    lines = paragraph(experiment.setting)
    for claim in claims:
        lines += claim_section(claim)
    lines += experiment.tables(points)
    draw = partial(_draw, experiment, points)
    return Report(experiment.title, tuple(lines), to_json(points), draw, tuple(claims))


def run(experiment: Experiment, options: Options) -> Report:
    """Measure, and give the report; it tells and draws what is kept, digit for digit."""
    points = experiment.measure(QUICK if options.quick else FULL, options.tell)
    return report(experiment, from_json(to_json(points)))


def _draw(experiment: Experiment, points: Sequence[Point], folder: Path, name: str) -> list[Path]:
    with matplotlib.rc_context(
        {
            "svg.hashsalt": "pagedlab",
            "svg.fonttype": "none",
            "font.size": 9,
            "axes.prop_cycle": cycler(color=COLOURS),
        }
    ):
        size = (max(9, 4.5 * experiment.panels), 3.4)
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(1, experiment.panels, squeeze=False)[0]
        for panel in panels:
            panel.spines[["top", "right"]].set_visible(False)
        experiment.draw(points, panels)
        for panel in panels:
            _plain(panel)
        file = folder / f"{name}.svg"
        figure.savefig(file, metadata={"Date": None})
    return [file]


def _plain(panel: Axes) -> None:
    """Write plain numbers on logarithmic axes."""
    panel.xaxis.set_minor_locator(NullLocator())
    if panel.get_yscale() == "log":
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_minor_locator(NullLocator())
        panel.yaxis.set_major_formatter("{x:g}")
