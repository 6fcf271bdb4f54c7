"""Bring together what was graded apart: the gradings of other runs' folders, each once."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.batch.run.folder import FolderError, RunFolder, Settings, read_lines, replace_text
from autograder.batch.run.log import Progress, progress
from autograder.batch.run.state import gradings


def merge(into: RunFolder, other: RunFolder) -> int:
    """Take over the gradings that another run of the same class has and this one has not.

    Returns:
        How many were taken over; 0 the second time.

    Raises:
        FolderError: the runs were begun with different seeds or stages.
    """
    ours, theirs = into.settings(), other.settings()
    if ours is None or theirs is None:
        raise FolderError(f"{(into if ours is None else other).path}: is no run's folder")
    if (ours.seed, ours.stages) != (theirs.seed, theirs.stages):
        raise FolderError(f"{other.path}: was begun with another seed or other stages")
    known = gradings(into)
    taken = 0
    for content, name in gradings(other).items():
        # A log that no event names is of a merge that was killed: it is not ours yet.
        have = progress(into.log(known[content])) if content in known else Progress()
        if _rank(progress(other.log(name)), ours) > _rank(have, ours):
            _copy(other.log(name), into.log(name))
            into.note(event="grading", content=content, name=name, session="merged")
            taken += 1
    _take_over_health(into, other)
    return taken


def _rank(seen: Progress, settings: Settings) -> tuple[bool, bool]:
    """How far a grading is: decided to its end, or even without a fault."""
    whole = set(settings.stages) <= seen.stages or bool(seen.stopped)
    return whole, whole and not seen.faulty and not seen.stopped


def _copy(source: Path, target: Path) -> None:
    if target.exists() and target.read_bytes() != source.read_bytes():
        kept = target.with_name(f"{target.name}.before_merge")
        shutil.copyfile(target, kept)
    replace_text(target, source.read_text(encoding="utf-8"))


def _take_over_health(into: RunFolder, other: RunFolder) -> None:
    have = {(one.get("session"), one.get("when")) for one in read_lines(into.events)}
    for event in read_lines(other.events):
        if event.get("event") == "health" and (event["session"], event["when"]) not in have:
            into.note(**event)
