"""Which gradings a batch has to do: what is known already is not done again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.batch.intake.rows import Row
from autograder.batch.run import log
from autograder.batch.run.folder import FolderError, RunFolder, Settings
from autograder.batch.run.state import RowState, States
from autograder.batch.run.suite import grading_name, seed_of
from autograder.batch.run.task import Task
from autograder.rubric.model import Course
from autograder.scoring.events import Header

SECONDS_BESIDE = 300.0
"""On top of the stages' own limits: static checks, the student's tests, a busy machine."""

MOST_ATTEMPTS = 2
"""At one grading, where the grader is at fault and nobody asks for another."""


@dataclass(frozen=True)
class Choice:
    """Which rows a batch is to work on; without any, all that are not graded by this suite.

    Attributes:
        only: keys of students or of submissions, to be graded anew.
        statuses: rows with one of these are graded anew.
        changed: only what no suite has graded yet.
        shard: number and count: only this part of the class, 1 ... count of count.
    """

    only: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    changed: bool = False
    shard: tuple[int, int] = (1, 1)

    def has(self, content: str) -> bool:
        """True if a content is of the chosen part. Every content is of exactly one."""
        number, count = self.shard
        return int(content, 16) % count == number - 1


@dataclass(frozen=True)
class Setting:
    """What all gradings of a batch have in common.

    Attributes:
        known: by content, the name of its latest grading.
        lanes: as in `Header`.
    """

    folder: RunFolder
    settings: Settings
    course: Course
    suite: str
    isolation: str
    environment: dict[str, str]
    started: str
    session: str
    known: dict[str, str]
    lanes: Mapping[str, str] = field(default_factory=dict)

    def is_left(self, content: str, again: str = "") -> bool:
        """True if there is anything to do at a grading. Arguments as for `task`."""
        seen = log.progress(self.folder.log(self._name(content)))
        return bool(self._left(seen, self._reason(seen, again)))

    def assign(self, content: str) -> None:
        """From here on a content's grade is the one that this suite gives it."""
        name = self._name(content)
        if self.known.get(content) != name:
            self.known[content] = name
            self.folder.note(event="grading", content=content, name=name, session=self.session)

    def task(self, shown: str, content: str, again: str = "") -> Task | None:
        """Begin what is left of one grading; None if nothing is left.

        What a fault of the grader has left undecided is tried once more.

        Args:
            shown: what a person calls it.
            content: of the submission.
            again: why it is to be graded anew, or "".
        """
        name, seed = self._name(content), seed_of(self.settings.seed, content)
        file = self.folder.log(name)
        seen = log.progress(file)
        again = self._reason(seen, again)
        left = self._left(seen, again)
        if not left:
            return None
        self.assign(content)
        if again or not seen.attempts:
            log.begin(file, self._header(shown, content, seed), again or "first")
        folder = self.folder.store / content
        return Task(
            name, shown, str(folder), str(file), seed, left, self.session, self._seconds(left)
        )

    def _name(self, content: str) -> str:
        seed = seed_of(self.settings.seed, content)
        machine = "; ".join((self.isolation, *(n for n, why in self.lanes.items() if not why)))
        return grading_name(content, self.suite, seed, self.settings.stages, machine)

    def _reason(self, seen: log.Progress, again: str) -> str:
        if not again and seen.faulty and seen.attempts < MOST_ATTEMPTS:
            return "after a grader's fault"
        return again

    def _left(self, seen: log.Progress, again: str) -> tuple[int, ...]:
        if seen.stopped and not again:
            return ()
        return tuple(one for one in self.settings.stages if again or one not in seen.stages)

    def _header(self, shown: str, content: str, seed: int) -> Header:
        return Header(
            suite=self.course.version,
            suite_hash=self.suite,
            seed=seed,
            submission=shown,
            submission_hash=content,
            stages=self.settings.stages,
            environment=self.environment,
            isolation=self.isolation,
            started=self.started,
            lanes=dict(self.lanes),
        )

    def _seconds(self, stages: Sequence[int]) -> float:
        limits = [self.course.stage(number).limits.stage_wall_seconds for number in stages]
        return SECONDS_BESIDE + 3 * sum(limits)


@dataclass(frozen=True)
class Wanted:
    """A grading that is to be done: what a person calls it, of what, and why once more."""

    shown: str
    content: str
    again: str = ""


def plan(setting: Setting, rows: Collection[Row], choice: Choice) -> list[Wanted]:
    """The gradings that a batch has to do, each content once. Begins none of them.

    Raises:
        FolderError: somebody is chosen who is not there.
    """
    states = States(setting.folder, setting.settings, setting.course)
    wanted: dict[str, Wanted] = {}
    chosen: set[str] = set()
    for row in rows:
        entry = row.entry
        chosen |= {row.key, entry.key} if entry else {row.key}
        if entry is None or not entry.content or entry.content in wanted:
            continue
        again = _again(states.of(row), choice) if choice.has(entry.content) else None
        if again is None:
            continue
        if setting.is_left(entry.content, again):
            wanted[entry.content] = Wanted(entry.key, entry.content, again)
        else:
            setting.assign(entry.content)
    unknown = sorted(choice.only - chosen)
    if unknown:
        raise FolderError(f"nobody and nothing in this run is called {unknown[0]!r}")
    return list(wanted.values())


def _again(state: RowState, choice: Choice) -> str | None:
    """Why a row is graded anew; "" if only what is left of it; None if it is left alone."""
    keys = {state.row.key, state.row.entry.key if state.row.entry else ""}
    if choice.only or choice.statuses:
        if keys & choice.only:
            return "asked for by name"
        return f"was {state.status}" if state.status.value in choice.statuses else None
    if choice.changed and state.grading:
        return "" if state.status.value == "pending" else None
    return ""
