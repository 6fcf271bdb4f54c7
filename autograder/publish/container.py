"""What `run_autograder` does in Gradescope's container: otter's grading, and no zero for our fault.

Standard library only, until otter is imported. Students see nothing of what is printed here.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from autograder.publish.gradescope import results
from autograder.publish.report import BadReport, read_report

MOVED = "pagedlab"
CGROUPS = Path("/sys/fs/cgroup")
PEAKS = (CGROUPS / "memory.peak", CGROUPS / "memory" / "memory.max_usage_in_bytes")
"""Of the second and the first version of control groups."""
Otter = Callable[[str], object]
FAILED = "pagedlab: nothing was graded, so there are no results: the reason is above"


def main(place: Path, otter: Otter | None = None) -> int:
    """Grade the submission in `place`, and leave results/results.json there.

    Args:
        place: holds source/, submission/, results/; on Gradescope it is /autograder.
        otter: otter's `run_autograder`; imported where it is not given.

    Returns:
        0 if there are results; 1 if the grader is at fault and nothing is decided. There are no
        results then, which Gradescope shows as a failure of the autograder, not as a zero.
    """
    _prepare(place)
    written = place / "results" / "results.json"
    try:
        (otter or _otter())(str(place))
        print(f"most memory in use: {_peak_mb()} MB")
        if written.is_file():
            return 0
        print("pagedlab: otter wrote no results")
    except BaseException:  # a fault of otter's must not become a grade
        traceback.print_exc()
    return _fall_back(place, written)


def _otter() -> Otter:
    run: Otter = importlib.import_module("otter.run.run_autograder").main
    return run


def _peak_mb() -> str:
    """The container's peak, as the kernel counted it."""
    for file in PEAKS:
        with suppress(OSError, ValueError):
            return str(int(file.read_text(encoding="ascii")) >> 20)
    return "an unknown number of"


def _prepare(place: Path) -> None:
    """Close what workers must not read, and take the delivery out of otter's way."""
    for name in ("source", "results"):
        (place / name).mkdir(exist_ok=True)
        (place / name).chmod(0o700)
    metadata = place / "submission_metadata.json"
    if not metadata.is_file() or not metadata.stat().st_size:
        # otter reads it for plugins, and images of otter 7.0.0 hold an empty one.
        metadata.write_text("{}", encoding="utf-8")
    submission, moved = place / "submission", place / MOVED
    moved.mkdir(mode=0o700, exist_ok=True)
    submission.mkdir(exist_ok=True)
    sent = moved / "sent"
    sent.mkdir(exist_ok=True)
    for entry in sorted(submission.iterdir()):
        shutil.move(str(entry), str(sent / entry.name))


def _fall_back(place: Path, written: Path) -> int:
    """Give what the engine found without otter; nothing if it found nothing."""
    written.unlink(missing_ok=True)  # otter's word for a failure is a score of 0
    try:
        found = results(read_report(place / MOVED / "out" / "report.json"))
    except BadReport as error:
        print(f"pagedlab: {error}\n{FAILED}")
        return 1
    part = written.with_suffix(".part")
    part.write_text(json.dumps(found, indent=1), encoding="utf-8")
    os.replace(part, written)
    return 0
