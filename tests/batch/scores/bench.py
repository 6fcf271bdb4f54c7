"""A run's folder with gradings in it that nobody has graded."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path

from autograder.batch.intake.found import Person
from autograder.batch.intake.manifest import Entry, write_manifest
from autograder.batch.run import log
from autograder.batch.run.folder import RunFolder, Settings
from autograder.batch.scores.work_out import work_out
from autograder.rubric.model import Course
from autograder.scoring.events import Header
from autograder.scoring.outcome import Outcome, Status

RULES = ("90.1", "90.10", "90.P1", "90.D1", "90.D2")
HEADER = Header("2026.1", "suite", 1, "s", "hash", (90,), {}, "none", "2026-11-01")


class Run:
    """A run's folder that was graded without running anything."""

    def __init__(self, path: Path, course: Course) -> None:
        self.folder, self.course = RunFolder(path), course
        self.folder.make()
        self.folder.begin(Settings(1, (90,), "subs", ""))
        self.entries: list[Entry] = []

    def add(
        self, key: str, lost: Collection[str] = (), session: str = "s", **fields: object
    ) -> None:
        """One submission that lost some rules; "!" before a rule is a fault of the grader."""
        entry = Entry(key, "plain", (Person(student_id=key),), (key,), content=key)
        self.entries.append(Entry(**{**vars(entry), **fields}))  # type: ignore[arg-type]
        write_manifest(self.folder.manifest, self.entries)
        self.grade(key, lost, session)

    def grade(self, key: str, lost: Collection[str], session: str = "s") -> None:
        """Grade it, once more if it was."""
        file = self.folder.log(f"of_{key}")
        log.begin(file, HEADER, "first")
        for rule in RULES:
            status = Status.FAIL if rule in lost else Status.PASS
            status = Status.ERROR if f"!{rule}" in lost else status
            share = int(status is Status.PASS)
            measured = {"amount": 1.0} if rule == "90.P1" else {}
            outcome = Outcome(rule, status, share, measured=measured)  # type: ignore[arg-type]
            log.add_outcome(file, outcome)
        spent = {"cpu_seconds": 1.0, "wall_seconds": 2.0, "memory_mb": 30}
        log.add(file, "stage", stage=90, session=session, **spent)
        self.folder.note(event="grading", content=key, name=f"of_{key}")

    def write(self, name: str, text: str) -> None:
        """A file of the instructor's in the run's folder."""
        (self.folder.path / name).write_text(text)

    def table(self, name: str = "grades.csv") -> dict[str, dict[str, str]]:
        """A table, worked out anew."""
        work_out(self.folder, self.course)
        text = (self.folder.path / name).read_text()
        return {row["student"]: row for row in csv.DictReader(io.StringIO(text))}
