"""What a report is made of. Pure; read from the child processes that run the file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kernel_lanes.facts import CaptureFacts, KernelFacts
from kernel_lanes.record import BadRecord, Record, text


@dataclass(frozen=True)
class Check:
    """One run whose result was held against the right one.

    Attributes:
        what: the shape's name.
        engine: C, or interpreter.
        order: of the programs.
        error: largest difference; None if there is no result to compare.
        allowed: what rounding explains.
        problem: what went wrong instead: a fault, an exception, a wrong shape; "" if nothing.
        record: what was seen; None if nothing ran.
    """

    what: str
    engine: str
    order: str
    error: float | None
    allowed: float
    problem: str
    record: Record | None

    @property
    def passed(self) -> bool:
        """True if the result is right and nothing was wrong on the way."""
        return not self.problem and self.error is not None and self.error <= self.allowed


@dataclass(frozen=True)
class Served:
    """The host code at one serving shape, captured and compiled.

    Attributes:
        what: the shape's name.
        capture: its launches.
        kernels: each compiled for each target.
        problem: why there is none of it; "" if there is.
        finite: True if the result had numbers although no kernel ran.
    """

    what: str
    capture: CaptureFacts | None
    kernels: tuple[KernelFacts, ...]
    problem: str
    finite: bool


@dataclass(frozen=True)
class Report:
    """Everything.

    Attributes:
        file: that was looked at.
        environment: versions, by name.
        lanes: by lane, "" if it ran, or why it did not.
        checks: runs on small shapes, by all engines and orders.
        counted: runs on larger shapes, for their traffic.
        served: at serving shapes.
    """

    file: str
    environment: Mapping[str, str]
    lanes: Mapping[str, str]
    checks: tuple[Check, ...]
    counted: tuple[Check, ...]
    served: tuple[Served, ...]

    def plain(self) -> dict[str, Any]:
        """As lists, dicts, numbers and text."""
        return {"schema": "kernel_lanes.report/1", **asdict(self)}


def check_from_plain(data: Any) -> Check:
    """Read a check back, trusting nothing. Raises BadRecord."""
    try:
        error, record = data["error"], data["record"]
        number = None if error is None else float(error)
        what, engine, order = (text(data[key]) for key in ("what", "engine", "order"))
        seen = None if record is None else Record.from_plain(record)
        problem = text(data["problem"])
        if number is not None and math.isnan(number):
            problem = problem or "the result is not a number (NaN)"
        return Check(what, engine, order, number, float(data["allowed"]), problem, seen)
    except (TypeError, KeyError, ValueError) as failure:
        raise BadRecord(f"not a check: {failure}") from None


def served_from_plain(data: Any) -> Served:
    """Read the facts at one serving shape back, trusting nothing. Raises BadRecord."""
    try:
        capture = data["capture"]
        return Served(
            text(data["what"]),
            None if capture is None else CaptureFacts.from_plain(capture),
            tuple(map(KernelFacts.from_plain, data["kernels"])),
            text(data["problem"]),
            data["finite"] is True,
        )
    except (TypeError, KeyError, ValueError) as failure:
        raise BadRecord(f"not the facts of a serving shape: {failure}") from None
