"""Which gradings a batch has to do: what is known already is not done again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from autograder.batch.intake.rows import Row
from autograder.batch.run import log
from autograder.batch.run.folder import RunFolder, Settings
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
    """

    only: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    changed: bool = False


@dataclass(frozen=True)
class Setting:
    """What all gradings of a batch have in common.

    Attributes:
        known: by content, the name of its latest grading.
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

    def task(self, shown: str, content: str, again: str = "") -> Task | None:
        """The task that is left of one grading; None if nothing is left.

        What a fault of the grader has left undecided is tried once more.

        Args:
            shown: what a person calls it.
            content: of the submission.
            again: why it is to be graded anew, or "".
        """
        seed = seed_of(self.settings.seed, content)
        stages = self.settings.stages
        name = grading_name(content, self.suite, seed, stages, self.isolation)
        file = self.folder.log(name)
        seen = log.progress(file)
        if self.known.get(content) != name:
            self.known[content] = name
            self.folder.note(event="grading", content=content, name=name, session=self.session)
        if not again and seen.faulty and seen.attempts < MOST_ATTEMPTS:
            again = "after a grader's fault"
        left = tuple(one for one in stages if again or one not in seen.stages)
        if not left or (seen.stopped and not again):
            return None
        if again or not seen.attempts:
            log.begin(file, self._header(shown, content, seed), again or "first")
        folder = self.folder.store / content
        return Task(
            name, shown, str(folder), str(file), seed, left, self.session, self._seconds(left)
        )

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
        )

    def _seconds(self, stages: Sequence[int]) -> float:
        limits = [self.course.stage(number).limits.stage_wall_seconds for number in stages]
        return SECONDS_BESIDE + 3 * sum(limits)


def plan(setting: Setting, rows: Collection[Row], choice: Choice) -> Iterator[Task]:
    """The tasks of a batch, each content once."""
    states = States(setting.folder, setting.settings, setting.course)
    seen: set[str] = set()
    for row in rows:
        entry = row.entry
        if entry is None or not entry.content or entry.content in seen:
            continue
        again = _again(states.of(row), choice)
        if again is None:
            continue
        seen.add(entry.content)
        task = setting.task(entry.key, entry.content, again)
        if task:
            yield task


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
