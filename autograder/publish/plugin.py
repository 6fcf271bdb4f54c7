"""The plugin of otter-grader 7 that the zip names: otter's grading is the engine's. Needs otter.

No student code enters otter's processes. Before grading, the delivery is moved out of reach and
graded by the engine; otter's kernel then runs otter's own cells on a notebook of ours, and what it
says is replaced. (Its results are a pickle that the kernel writes; with student code in the
kernel, whoever wrote it would have been read by otter's own process.)
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from otter.plugins import AbstractOtterPlugin
from otter.test_files import GradingResults

from autograder.publish.call import EngineFault, Setting, run_engine
from autograder.publish.grading_results import fill
from autograder.publish.report import Report

MOVED = "pagedlab"
"""Beside source/ and submission/: holds sent/, and the engine's out/."""
NOTEBOOK = "pagedlab.ipynb"
"""The notebook of ours that otter takes for the submission; `files/` of the zip brings it."""


class PagedLab(AbstractOtterPlugin):  # type: ignore[misc]
    """Grades with the engine in the zip."""

    def before_grading(self, config: Any) -> None:
        """Move the delivery away and grade it.

        Raises:
            EngineFault: the grader is at fault: otter ends without results, and gives no zero.
        """
        given = Path(self.submission_path)
        if given.name != NOTEBOOK:
            raise EngineFault(f"the submission has a notebook of its own, {given.name}, at its top")
        if (given.parent / "pagedlab").is_dir():
            raise EngineFault(
                "pagedlab/ is at the top of the submission, where otter has deleted tests/:"
                " zip the folder that holds them, not its content"
            )
        place = given.parents[1]
        sent = place / MOVED / "sent"
        move_away(given.parent, sent)
        setting = Setting.from_json(self.plugin_config)
        self.report: Report = run_engine(place, sent, place / MOVED / "out", setting)

    def before_execution(self, submission: Any) -> Any:
        """Leave the kernel nothing but otter's own cells."""
        submission.cells = []
        return submission

    def after_grading(self, results: GradingResults) -> None:
        """Replace whatever otter found by the engine's results."""
        fill(results, self.report)

    def generate_report(self) -> str:
        """A few words for the log, which students do not see."""
        report = self.report
        said = report.refused or f"{report.score} of {report.maximum} points"
        facts = "\n".join(f"{name} {value}" for name, value in report.facts.items())
        return f"{said}; undecided {report.undecided}; {report.seconds} s\n{facts}"


def move_away(folder: Path, sent: Path) -> None:
    """Move all that a student sent; otter's tests, its marker and our notebook stay.

    On Gradescope the container has done it already, before otter looked at anything.
    """
    sent.mkdir(parents=True, exist_ok=True)
    for entry in sorted(folder.iterdir()):
        if entry.name not in ("tests", NOTEBOOK):
            shutil.move(str(entry), str(sent / entry.name))
