"""What a node must have so that its grades are those of any other machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Terms:
    """What each worker is told. All paths are whole, and the same on every node.

    Attributes:
        code: the grader's own repository.
        root: the repository whose suite grades.
        cache: for what depends on bytes alone.
        session: folder of this batch in the run's folder; gone with the batch.
        jobs: for what is said by what grades: nothing, unless something is wrong.
        suite: its hash. A node that has another grades nothing.
        tier: the strongest isolation that is wanted.
        isolation: what is to come of it, in words. A node where it is another grades nothing.
    """

    code: Path
    root: Path
    cache: Path
    session: Path
    jobs: Path
    suite: str
    tier: str
    isolation: str
