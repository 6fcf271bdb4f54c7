"""Names what a grade follows from: the suite's content, the submission's content, the seed."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from pathlib import Path

from autograder.batch.run.folder import RunFolder
from autograder.judge.warm_parent import ROOT as CODE
from autograder.scoring.kept import digest_of

ASIDE = ("batch", "cli", "report", "doctor", "validate", "publish")
"""Parts of the grader that decide no outcome: a change in them makes no grade stale."""
SEED_BITS = 31


def course_root(folder: RunFolder, ours: Path) -> Path:
    """The repository that a run is graded by: `ours`, unless it was begun with another course.

    Raises:
        FolderError: the run's settings cannot be read.
    """
    settings = folder.settings()
    return Path(settings.course) if settings and settings.course else ours


def suite_hash(root: Path, code: Path = CODE) -> str:
    """A digest of all that outcomes follow from besides the submission.

    Args:
        root: of the course.
        code: of the grader.
    """
    parts: list[str | bytes] = [platform.python_version()]
    folders = ((root, "assignments"), (code, "autograder"), (code, "kernel_lanes"))
    for place, name in (*folders, (root, "reference/pagedlab")):
        for file in sorted(file for file in (place / name).rglob("*") if file.is_file()):
            path = file.relative_to(place)
            aside = path.parts[0] == "autograder" and path.parts[1] in ASIDE
            if not aside and "__pycache__" not in path.parts:
                parts += [path.as_posix(), file.read_bytes()]
    requirements = code / "requirements.txt"
    parts += [requirements.read_bytes()] if requirements.is_file() else []
    return digest_of(parts)


def seed_of(run_seed: int, content: str) -> int:
    """The seed of one submission: nobody else's work has a part in it."""
    return int(digest_of(["seed", str(run_seed), content])[:16], 16) >> (64 - SEED_BITS)


def grading_name(content: str, suite: str, seed: int, stages: Iterable[int], machine: str) -> str:
    """The name of a grading: what has the same name needs no second one.

    `machine` is what of it decides outcomes: isolation and lanes.
    """
    return digest_of([content, suite, str(seed), *map(str, stages), machine])[:32]
