"""nbgrader: one `nbgrader autograde` of the whole class, the checks as cells of a notebook."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.batch.graders import Graded, Verdict
from benchmarks.batch.measure import Cost, run
from benchmarks.batch.plain import CHECKS
from benchmarks.batch.submissions import REFERENCE, Submission
from benchmarks.batch.venvs import make_venv, version_of

RULES = ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6")
SECONDS = 3
CONFIG = f"""
c = get_config()
c.CourseDirectory.course_id = "toy"
c.ExecutePreprocessor.timeout = {SECONDS}
c.ExecutePreprocessor.interrupt_on_timeout = True
"""
READ = """
import json
from nbgrader.api import Gradebook

with Gradebook("sqlite:///gradebook.db") as book:
    for one in book.assignment_submissions("toy"):
        passed = [
            grade.name.replace("_", ".") for book in one.notebooks for grade in book.grades
            if grade.score == grade.max_score
        ]
        print(json.dumps([one.student.id, one.needs_manual_grade, passed]))
"""


class Nbgrader:
    """Keeps nothing between classes: a new gradebook for each."""

    title = f"nbgrader {version_of('nbgrader', 'nbgrader')} `nbgrader autograde`, the class at once"
    each = False

    def prepare(self, place: Path) -> None:
        """Install it."""
        self._bin = make_venv(place / "venvs", "nbgrader")

    def grade(self, submissions: Sequence[Submission], place: Path) -> Graded:
        """Generate the assignment, which is not measured, and grade a class."""
        (place / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        solution = f"### BEGIN SOLUTION\n{REFERENCE}### END SOLUTION\n"
        _write(place / "source" / "toy" / "toy.ipynb", solution)
        self._run(place, "generate_assignment", "toy")
        for one in submissions:
            _write(place / "submitted" / one.name / "toy" / "toy.ipynb", one.text)
        students: list[list[str]] = [["--student", one.name] for one in submissions]
        cost = Cost()
        for words in students if self.each else [[]]:
            seconds = 60 + 40.0 * len(submissions)
            command = [self._bin / "nbgrader", "autograde", "toy", *words]
            cost += run(command, place, seconds, self._path).cost
        verdicts = {one.name: Verdict(None, "no result") for one in submissions}
        told = run([self._bin / "python", "-c", READ], place, environment=self._path).said
        for line in told.splitlines():
            if line.startswith("["):
                name, _, passed = json.loads(line)
                if (place / "autograded" / name / "toy" / "toy.ipynb").is_file():
                    verdicts[name] = Verdict(frozenset(passed))
        return Graded(verdicts, cost)

    @property
    def _path(self) -> dict[str, str]:
        return {"PATH": f"{self._bin}:{os.environ['PATH']}"}

    def _run(self, place: Path, *arguments: str) -> None:
        done = run([self._bin / "nbgrader", *arguments], place, environment=self._path)
        if done.code:
            raise RuntimeError(f"nbgrader {' '.join(arguments)} failed:\n{done.said[-3000:]}")


class NbgraderEach(Nbgrader):
    """Started for each student, as when submissions come in one after another."""

    title = f"nbgrader {version_of('nbgrader', 'nbgrader')}, started for each student"
    each = True


def _write(file: Path, code: str) -> None:
    """A notebook: the student's cell, the shared checks, and a cell of one point for each rule."""
    cells = [_cell("slots", code, solution=True), _cell("checks", CHECKS.read_text("utf-8"))]
    for rule in RULES:
        cells.append(_cell(rule.replace(".", "_"), f'hold(Slots, "{rule}")', points=1))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(book), encoding="utf-8")


def _cell(name: str, source: str, solution: bool = False, points: int = 0) -> dict[str, Any]:
    told: dict[str, Any] = {"grade_id": name, "schema_version": 3, "solution": solution}
    told |= {"grade": bool(points), "locked": not solution, "task": False}
    if points:
        told["points"] = points
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"cell-{name}",
        "metadata": {"nbgrader": told},
        "outputs": [],
        "source": source,
    }
