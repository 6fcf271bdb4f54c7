"""The batch's first step: a download becomes the run's manifest."""

from __future__ import annotations

import shutil
from typing import TextIO

from autograder.batch.intake.intake import take_in
from autograder.batch.intake.manifest import write_manifest
from autograder.batch.intake.matching import Matcher
from autograder.batch.intake.repairs import read_repairs, write_repairs
from autograder.batch.intake.roster import read_roster
from autograder.batch.intake.snapshot import PART
from autograder.batch.run.folder import RunFolder
from autograder.batch.run.request import Request
from autograder.rubric.model import Course


def intake(folder: RunFolder, course: Course, request: Request, stream: TextIO) -> None:
    """Take the submissions in, and hold them against the roster."""
    assert request.submissions is not None
    if request.roster is not None:
        read_roster(request.roster)  # before it replaces the one that works
        shutil.copyfile(request.roster, folder.roster)
    matcher = None
    if folder.roster.is_file():
        matcher = Matcher(read_roster(folder.roster), read_repairs(folder.repairs))
    for left in folder.store.glob(f"{PART}*"):  # of an intake that was killed
        shutil.rmtree(left, ignore_errors=True)
    live = stream.isatty()

    def tell(done: int, total: int) -> None:
        if live:
            stream.write(f"\r\x1b[K  taken in {done}/{total}" + "\r\x1b[K" * (done == total))
            stream.flush()

    names = modules_of(course)
    entries = take_in(request.submissions, folder.store, names, matcher, request.kind, tell)
    write_manifest(folder.manifest, entries)
    folder.note(event="intake", source=str(request.submissions), submissions=len(entries))
    write_repairs(folder.repairs, entries)


def modules_of(course: Course) -> frozenset[str]:
    """Names of all files that students write."""
    return frozenset(name for stage in course.stages for name in stage.modules)
