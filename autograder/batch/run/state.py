"""What a run's folder says of every student: one status and the reason for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from autograder.batch.intake.manifest import read_manifest
from autograder.batch.intake.roster import read_roster
from autograder.batch.intake.rows import Row, rows_of
from autograder.batch.run.folder import FolderError, RunFolder, Settings, read_lines
from autograder.batch.run.log import Progress, progress
from autograder.report.run import Run
from autograder.rubric.model import Course
from autograder.scoring.events import LogError, read_log
from autograder.scoring.outcome import Status
from autograder.scoring.score import score_run


class RowStatus(StrEnum):
    """Every row has exactly one. Only `GRADED` rows have a score; no other word means zero."""

    GRADED = "graded"
    NONE = "none"
    UNREADABLE = "unreadable"
    TIMEOUT = "timeout"
    INFRA = "infra"
    PENDING = "pending"


@dataclass(frozen=True)
class RowState:
    """A row, its status, and what was graded.

    Attributes:
        reason: why it has this status; "" if it is graded and nothing is odd.
        grading: name of the grading, or "".
        progress: what its log says of the work.
        run: the scored run, if all of it was graded.
        oddities: what a person should look at although it was graded.
    """

    row: Row
    status: RowStatus
    reason: str = ""
    grading: str = ""
    progress: Progress = Progress()
    run: Run | None = None
    oddities: tuple[str, ...] = ()

    @property
    def needs_attention(self) -> bool:
        """True if a person has to look at the row."""
        return self.status not in (RowStatus.GRADED, RowStatus.NONE) or bool(self.oddities)


def read_rows(folder: RunFolder) -> list[Row]:
    """The rows of a run, by its roster and its manifest.

    Raises:
        FolderError: there is no manifest, or it cannot be read.
        RosterError: the roster cannot be read.
    """
    try:
        entries = read_manifest(folder.manifest)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise FolderError(f"{folder.manifest}: cannot be read ({error})") from error
    return rows_of(read_roster(folder.roster) if folder.roster.is_file() else None, entries)


def gradings(folder: RunFolder) -> dict[str, str]:
    """By content: the name of its latest grading."""
    events = read_lines(folder.events)
    return {one["content"]: one["name"] for one in events if one.get("event") == "grading"}


def doubted_sessions(folder: RunFolder) -> frozenset[str]:
    """Batches after whose work the reference or the starter was graded wrong."""
    events = read_lines(folder.events)
    return frozenset(
        one["session"]
        for one in events
        if one.get("event") == "health" and one["when"] == "after" and one["problems"]
    )


def unchecked_sessions(folder: RunFolder) -> tuple[str, ...]:
    """Batches that began with a health check and were cut off before the one at the end."""
    whens: dict[str, set[str]] = {}
    for one in read_lines(folder.events):
        if one.get("event") == "health" and not (one["when"] == "before" and one["problems"]):
            whens.setdefault(one["session"], set()).add(one["when"])
    return tuple(session for session, seen in whens.items() if "after" not in seen)


class States:
    """Looks up the state of rows. Reads each log once."""

    def __init__(self, folder: RunFolder, settings: Settings, course: Course) -> None:
        self._folder, self._settings, self._course = folder, settings, course
        self._names = gradings(folder)
        self._doubted = doubted_sessions(folder)
        self._known: dict[str, RowState] = {}

    def of(self, row: Row) -> RowState:
        """The state of one row."""
        entry = row.entry
        odd = () if row.in_roster else ("no row of the roster is theirs",)
        if entry is None:
            status = RowStatus.UNREADABLE if row.problem else RowStatus.NONE
            return RowState(row, status, row.problem or "nothing was handed in", oddities=odd)
        if entry.unmatched:
            odd = (entry.unmatched,)
        if not entry.content:
            return RowState(row, RowStatus.UNREADABLE, entry.problem, oddities=odd)
        if entry.content not in self._known:
            self._known[entry.content] = self._grading(row, entry.content)
        one = self._known[entry.content]
        return RowState(
            row, one.status, one.reason, one.grading, one.progress, one.run, odd + one.oddities
        )

    def all(self, rows: Collection[Row]) -> list[RowState]:
        """The states of many rows, in their order."""
        return [self.of(row) for row in rows]

    def _grading(self, row: Row, content: str) -> RowState:
        name = self._names.get(content, "")
        seen = progress(self._folder.log(name)) if name else Progress()
        if seen.stopped:
            return RowState(row, RowStatus(seen.stopped), seen.why, name, seen)
        if not name or not set(self._settings.stages) <= seen.stages:
            return RowState(row, RowStatus.PENDING, "is not graded yet", name, seen)
        try:
            run = score(self._folder, name, self._course)
        except (LogError, KeyError) as error:
            reason = f"its log cannot be scored by this suite ({error})"
            return RowState(row, RowStatus.INFRA, reason, name, seen)
        faults = run.rules(Status.ERROR)
        if faults:
            cause = faults[0].cause.summary if faults[0].cause else ""
            reason = f"undecided by a grader's fault: {', '.join(one.rule.id for one in faults)}"
            return RowState(row, RowStatus.INFRA, f"{reason} ({cause})", name, seen, run)
        if seen.session in self._doubted:
            reason = "the batch that graded it failed its health check at the end"
            return RowState(row, RowStatus.INFRA, reason, name, seen, run)
        odd = tuple(f"rule {one.rule.id}: {one.flag}" for one in run.rules() if one.flag)
        return RowState(row, RowStatus.GRADED, "", name, seen, run, odd)


def score(folder: RunFolder, name: str, course: Course) -> Run:
    """Score one grading by today's rubric. Nothing is run.

    Raises:
        LogError: the log cannot be read.
        KeyError: the rubric has lost a stage of it.
    """
    header, outcomes = read_log(folder.log(name))
    stages = score_run(course, header.stages, outcomes)
    return Run(course, header, stages, progress(folder.log(name)).wall_seconds)


def counts(states: Collection[RowState]) -> Mapping[str, int]:
    """How many rows have each status; statuses that none has are left out."""
    return {
        status.value: number
        for status in RowStatus
        if (number := sum(one.status is status for one in states))
    }
