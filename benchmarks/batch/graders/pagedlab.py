"""This repository's batch, as an instructor starts it."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.batch.graders import Graded, Verdict
from benchmarks.batch.measure import run
from benchmarks.batch.submissions import FILE, TOY, Submission

CODE = Path(__file__).resolve().parents[3]


class PagedLab:
    """Starts the batch for each class anew: intake, health check and tables are in the cost."""

    title = "PagedLab `make batch`"

    def prepare(self, place: Path) -> None:
        """Nothing to do."""

    def grade(self, submissions: Sequence[Submission], place: Path) -> Graded:
        """Grade a class with as many workers as there are cores."""
        for one in submissions:
            file = place / "submissions" / one.name / FILE
            file.parent.mkdir(parents=True)
            file.write_text(one.text, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "autograder",
            "batch",
            place / "submissions",
        ]
        done = run([*command, "--course", TOY, "--out", place / "run", "--seed", "1"], CODE)
        if not (place / "run" / "grades.csv").is_file():
            raise RuntimeError(f"the batch did not come to its end:\n{done.said}")
        passed: dict[str, set[str]] = {one.name: set() for one in submissions}
        for row in _rows(place / "run" / "rules.csv"):
            if row["status"] == "pass":
                passed[row["student"]].add(row["rule"])
        notes = {
            row["student"]: "" if row["status"] == "graded" else row["status"]
            for row in _rows(place / "run" / "grades.csv")
        }
        verdicts = {
            name: Verdict(frozenset(passed[name]) if not note else None, note)
            for name, note in notes.items()
        }
        return Graded(verdicts, done.cost)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
