"""What a batch is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.batch.cluster.options import Options
from autograder.batch.run.plan import Choice


@dataclass(frozen=True)
class Request:
    """What the command line asked for.

    Attributes:
        out: the run's folder.
        submissions: what to take in; None to go on with what was taken in before.
        roster: the class list, or None.
        kind: of the download; "" to find out.
        stages: numbers; empty for all of the suite.
        seed: None for a fresh one.
        workers: grader processes.
        cluster: where they run, if not on this machine.
        choice: which rows to work on.
        course: another course's folder, or None.
        health: grade reference and starter before and after.
    """

    out: Path
    submissions: Path | None = None
    roster: Path | None = None
    kind: str = ""
    stages: tuple[int, ...] = ()
    seed: int | None = None
    workers: int = 2
    choice: Choice = Choice()
    course: Path | None = None
    health: bool = True
    cluster: Options | None = None
