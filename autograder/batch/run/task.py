"""What the batch hands to one of its grader processes, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """One grading.

    Attributes:
        name: of the grading; names its log.
        shown: what a person calls it: the key of a submission.
        submission: folder of the snapshot.
        log: file of the event log; its header is written.
        seed: of this submission.
        stages: numbers of those that are left to grade, in their order.
        session: names the batch at work.
        seconds: on the clock after which it is given up.
    """

    name: str
    shown: str
    submission: str
    log: str
    seed: int
    stages: tuple[int, ...]
    session: str
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Task:
        """The inverse of `to_json`."""
        return cls(**{**data, "stages": tuple(data["stages"])})
