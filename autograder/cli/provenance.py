"""What a run is to be known by: suite, submission, machine, seed."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from autograder.rubric.model import Course, Stage
from autograder.sandbox.isolation import Isolation
from autograder.scoring.events import Header

SUITE_FOLDERS = ("assignments", "autograder", "kernel_lanes")


def header_of(
    root: Path,
    course: Course,
    submission: Path,
    stages: Sequence[Stage],
    isolation: Isolation,
    seed: int,
    lanes: Mapping[str, str],
) -> Header:
    """The header of a run's log. Reads the suite and the submission, to name them by content."""
    return Header(
        suite=course.version,
        suite_hash=_tree_hash([root / name for name in SUITE_FOLDERS]),
        seed=seed,
        submission=_shown(submission),
        submission_hash=_tree_hash(
            [submission / "pagedlab", submission / "tests"], [submission / "design.toml"]
        ),
        stages=tuple(stage.id for stage in stages),
        environment={
            "python": platform.python_version(),
            "machine": f"{platform.system()} {platform.machine()}",
        },
        isolation=isolation.describe(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        lanes=dict(lanes),
    )


def _tree_hash(folders: Sequence[Path], files: Sequence[Path] = ()) -> str:
    digest = hashlib.sha256()
    found = [(folder, file) for folder in folders for file in sorted(folder.rglob("*"))]
    for folder, file in [*found, *((file.parent, file) for file in files)]:
        if file.is_file() and not file.is_symlink() and "__pycache__" not in file.parts:
            name = file.relative_to(folder).as_posix()
            digest.update(f"{name}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _shown(submission: Path) -> str:
    try:
        return submission.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(submission.resolve())
