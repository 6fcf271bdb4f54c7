"""Work a run's grades out and write its tables. What was there before is kept beside them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autograder.batch.run.folder import FolderError, RunFolder, Settings, replace_text
from autograder.batch.run.state import States, read_rows
from autograder.batch.scores.adjustments import read_adjustments
from autograder.batch.scores.dropping import with_gifts, without
from autograder.batch.scores.grade import Grade, grade_of
from autograder.batch.scores.policy import Policy
from autograder.batch.scores.policy_file import read_policy
from autograder.batch.scores.tables import attention_csv, grades_csv, rules_csv, timing_csv
from autograder.rubric.model import Course
from autograder.scoring.events import read_log
from autograder.scoring.score import score_run

PUBLISHED = ("grades.csv", "rules.csv")
"""What a comparison needs; kept as it was when it changes."""


def work_out(
    folder: RunFolder, course: Course, policy_file: Path | None = None, out: Path | None = None
) -> list[Grade]:
    """Grade every row by today's rubric, policy and adjustments, and write the tables.

    Args:
        folder: of a run; policy.toml and adjustments.csv lie in it, if they are wanted.
        course: the rubric.
        policy_file: a policy from elsewhere, to see what it would do.
        out: where the tables go; the run itself if it is not named.

    Raises:
        FolderError, PolicyError, AdjustmentError: what is there cannot be used.
    """
    settings = folder.settings()
    if settings is None:
        raise FolderError(f"{folder.path}: is no run's folder")
    policy = read_policy(policy_file or folder.path / "policy.toml")
    adjustments = read_adjustments(folder.path / "adjustments.csv")
    grades = _grades(folder, settings, course, policy)
    graded = [stage for stage in course.stages if stage.id in settings.stages]
    most = sum(sum(stage.cells.values()) for stage in graded)
    grades = [grade_of(grade.state, policy, adjustments, most) for grade in grades]
    keys = {grade.state.row.key for grade in grades}
    strangers = [
        f"adjustment in line {one.line} is of nobody in this class ({one.student})"
        for one in adjustments
        if one.student not in keys
    ]
    strangers += policy.of_nobody(keys)
    tables = {
        "grades.csv": grades_csv(grades, course, settings.stages),
        "rules.csv": rules_csv(grades),
    }
    if out is None:
        _keep_what_changes(folder.path, tables)
    tables["needs_attention.csv"] = attention_csv(grades, strangers)
    tables["timing.csv"] = timing_csv(grades)
    for name, text in tables.items():
        replace_text((out or folder.path) / name, text)
    return grades


def _grades(folder: RunFolder, settings: Settings, course: Course, policy: Policy) -> list[Grade]:
    reduced = without(course, policy.dropped)
    states = States(folder, settings, reduced).all(read_rows(folder))
    grades = []
    for state in states:
        if state.run is not None and policy.dropped:
            header, outcomes = read_log(folder.log(state.grading))
            outcomes = tuple(with_gifts(reduced, outcomes, policy.dropped))
            scores = score_run(reduced, header.stages, outcomes)
            state = replace(state, run=replace(state.run, stages=scores))
        grades.append(Grade(state, None))
    return grades


def last_tables(path: Path) -> Path | None:
    """Where the tables lie that were there before the present ones; None if there are none."""
    kept = [one for one in (path / "history").glob("*") if one.name.isdigit()]
    return max(kept, key=lambda one: int(one.name), default=None)


def _keep_what_changes(path: Path, tables: dict[str, str]) -> None:
    """Copy the tables that are about to change to `history/<number>/`."""
    old = {name: path / name for name in PUBLISHED if (path / name).is_file()}
    if all(file.read_text(encoding="utf-8") == tables[name] for name, file in old.items()):
        return
    history = path / "history"
    history.mkdir(exist_ok=True)
    last = last_tables(path)
    place = history / str(int(last.name) + 1 if last else 1)
    for name, file in old.items():
        replace_text(place / name, file.read_text(encoding="utf-8"))
