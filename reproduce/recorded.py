"""The recorded results, read back: reports of what was measured then, told by today's words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reproduce.memory.measure import report as memory_report
from reproduce.memory.results import from_json as memory_from_json
from reproduce.options import Report
from reproduce.scheduling.all import SERVING
from reproduce.scheduling.experiment import report
from reproduce.scheduling.points import Point, from_json

HERE = Path(__file__).resolve().parent


def recorded_text(name: str) -> str:
    """Give the recorded data of an experiment, as JSON."""
    return (HERE / f"{name}.json").read_text(encoding="utf-8")


def recorded_points(name: str) -> list[Point]:
    """Give the recorded points of an experiment on serving."""
    return from_json(recorded_text(name))


def recorded_reports() -> Mapping[str, Report]:
    """Give a report of every experiment from its recorded data. Nothing is measured."""
    serving = {name: report(one, recorded_points(name)) for name, one in SERVING.items()}
    return {"memory": memory_report(memory_from_json(recorded_text("memory"))), **serving}
