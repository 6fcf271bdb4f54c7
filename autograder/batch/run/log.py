"""One grading's event log: a run's header, outcomes as they fall, and what the batch adds.

Beside `run` and `rule` (see `autograder.scoring.events`) there are

    {"event": "attempt", "why"}                        from here on it is graded anew
    {"event": "stage", "stage", "cpu_seconds", …}      all rules of a stage are decided
    {"event": "stopped", "why", "status"}              the batch gave up on it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.batch.run.folder import append_lines, read_lines
from autograder.scoring.events import SCHEMA, Header, outcome_to_json
from autograder.scoring.outcome import Outcome, Status


@dataclass(frozen=True)
class StageCost:
    """What one stage of a grading has taken: processor, clock, memory of the largest worker."""

    stage: int
    cpu_seconds: float
    wall_seconds: float
    memory_mb: int


@dataclass(frozen=True)
class Progress:
    """How far a grading is.

    Attributes:
        attempts: how often it was begun; 0 if there is no log.
        stages: decided since it was last begun.
        stopped: the status that the batch gave it up with, or "".
        why: the reason for that.
        session: the batch that decided its last stage.
        cpu_seconds, wall_seconds: of all decided stages.
        memory_mb: of the largest worker.
        costs: the same by stage, in the order of their numbers.
        rules_seconds: of the tests themselves, on the clock.
        faults: rules that the grader's fault has left undecided.
    """

    attempts: int = 0
    stages: frozenset[int] = frozenset()
    stopped: str = ""
    why: str = ""
    session: str = ""
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    memory_mb: int = 0
    costs: tuple[StageCost, ...] = ()
    rules_seconds: float = 0.0
    faults: int = 0

    @property
    def faulty(self) -> bool:
        """True if the grader, not the submission, is why something is undecided."""
        return bool(self.faults) or self.stopped == "infra"


def begin(file: Path, header: Header, why: str) -> None:
    """Begin a grading, for the first time or once more."""
    events: list[Mapping[str, object]] = []
    if not read_lines(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)  # at most a piece of a first line
        events.append({"event": "run", "schema": SCHEMA, **asdict(header)})
    append_lines(file, [*events, {"event": "attempt", "why": why}])


def add_outcome(file: Path, outcome: Outcome) -> None:
    """Append one outcome."""
    append_lines(file, [{"event": "rule", **outcome_to_json(outcome)}])


def add(file: Path, event: str, **fields: object) -> None:
    """Append another event."""
    append_lines(file, [{"event": event, **fields}])


def progress(file: Path) -> Progress:
    """How far a grading is, by its log."""
    seen: dict[str, Any] = asdict(Progress())
    costs: dict[int, StageCost] = {}
    statuses: dict[tuple[str, str], str] = {}
    for event in read_lines(file):
        kind = event.get("event")
        if kind == "attempt":
            seen = {**asdict(Progress()), "attempts": seen["attempts"] + 1}
            costs, statuses = {}, {}
        elif kind == "stage":
            spent = {name: event[name] for name in ("cpu_seconds", "wall_seconds", "memory_mb")}
            costs[event["stage"]] = StageCost(event["stage"], **spent)
            seen["session"] = event["session"]
        elif kind == "stopped":
            seen.update(stopped=event["status"], why=event["why"])
        elif kind == "rule":
            seen["rules_seconds"] = round(seen["rules_seconds"] + event["seconds"], 3)
            statuses[event["rule"], event["binding"]] = event["status"]
    faults = sum(status == Status.ERROR for status in statuses.values())
    seen.update(_whole(tuple(cost for _, cost in sorted(costs.items()))), faults=faults)
    return Progress(**seen)


def _whole(costs: tuple[StageCost, ...]) -> dict[str, Any]:
    """What the stages come to together."""
    return {
        "stages": frozenset(cost.stage for cost in costs),
        "costs": costs,
        "cpu_seconds": round(sum(cost.cpu_seconds for cost in costs), 3),
        "wall_seconds": round(sum(cost.wall_seconds for cost in costs), 3),
        "memory_mb": max((cost.memory_mb for cost in costs), default=0),
    }
