"""Draws where the memory goes: one bar for each kind of memory, one panel for each workload."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from reproduce.memory.experiment import Run
from reproduce.memory.kinds import CONTIGUOUS, PAGED

PARTS = {
    "used": ("holds a token's KV", "#0072b2"),
    "reservation": ("kept for tokens to come", "#56b4e9"),
    "internal": ("given and never filled", "#d55e00"),
    "external": ("in holes too small for the next request", "#e69f00"),
    "free": ("free", "#dddddd"),
}
"""Colours that can be told apart without seeing red and green apart."""
MEMORIES = (*CONTIGUOUS, PAGED)
BESIDE = 103
"""Where the numbers beside the bars stand, on the axis of percents."""


def draw(runs: Sequence[Run], folder: Path, name: str) -> list[Path]:
    """Draw the runs of the main experiment.

    Args:
        runs: every workload on every memory.
        folder: where `name.svg` and `name.png` are written.
        name: of the files.

    Returns:
        The files; the same runs give the same SVG.
    """
    workloads = list(dict.fromkeys(run.workload for run in runs))
    with matplotlib.rc_context(
        {"svg.hashsalt": "pagedlab", "svg.fonttype": "none", "font.size": 9}
    ):
        figure = Figure(figsize=(11, 3.4), layout="constrained")
        panels = figure.subplots(1, len(workloads), sharey=True, squeeze=False)[0]
        for panel, workload in zip(panels, workloads, strict=True):
            _panel(panel, workload, [run for run in runs if run.workload == workload])
        panels[0].invert_yaxis()
        figure.legend(
            [Rectangle((0, 0), 1, 1, color=colour) for _, colour in PARTS.values()],
            [label for label, _ in PARTS.values()],
            loc="outside lower center",
            ncols=len(PARTS),
            frameon=False,
        )
        files = [folder / f"{name}.svg", folder / f"{name}.png"]
        figure.savefig(files[0], metadata={"Date": None})
        figure.savefig(files[1], dpi=150)
    return files


def _panel(panel: Axes, workload: str, runs: Sequence[Run]) -> None:
    by_memory = {run.memory: run.served for run in runs}
    for place, memory in enumerate(MEMORIES):
        served = by_memory[memory.key]
        start = 0.0
        for part, (_, colour) in PARTS.items():
            share = 100 * sum(getattr(one, part) for one in served) / len(served)
            panel.barh(place, share, left=start, color=colour, height=0.7)
            start += share
        running = sum(one.running for one in served) / len(served)
        panel.text(BESIDE, place, f"{running:.0f}", va="center")
    panel.text(BESIDE, -0.75, "requests\nrunning", fontsize=7, va="center")
    panel.set_title(workload, fontsize=10)
    panel.set(xlim=(0, 100), xlabel="% of KV memory")
    panel.set_yticks(range(len(MEMORIES)), [memory.title for memory in MEMORIES])
    panel.spines[["top", "right"]].set_visible(False)
