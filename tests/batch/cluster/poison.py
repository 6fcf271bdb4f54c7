"""A batch in which one submission kills every Dask worker that gets it, as if it could."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.batch.cluster import node
from autograder.batch.run.task import Task
from autograder.cli import batch

WHOLE = node.grade


def grade(task: Task, known: Sequence[Task]) -> node.Answer:
    """As a node does, but for one."""
    if task.shown == "right":
        os.kill(os.getpid(), signal.SIGKILL)
    return WHOLE(task, known)


def main(argv: list[str]) -> int:
    """As `batch`, in the repository that is named first."""
    node.grade = grade
    batch.ROOT = Path(argv[0])
    return batch.main(argv[1:])


if __name__ == "__main__":
    from tests.batch.cluster import poison  # under the name that workers know it by

    sys.exit(poison.main(sys.argv[1:]))
