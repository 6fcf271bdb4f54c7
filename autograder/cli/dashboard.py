"""`dashboard`: the class on one page, under pseudonyms. Runs nothing."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping
from pathlib import Path

from autograder.batch.dashboard.page import page, pseudonyms
from autograder.batch.run.folder import RunFolder, replace_text
from autograder.batch.run.suite import course_root
from autograder.batch.scores.difference import TablesError, compare
from autograder.batch.scores.tables import text_of
from autograder.batch.scores.work_out import last_tables, work_out
from autograder.cli.exits import Exit, refuse
from autograder.cli.grades import UNUSABLE
from autograder.cli.root import ROOT
from autograder.rubric.load import load_course


def main(argv: list[str]) -> int:
    """Write dashboard.html, and who is who beside it."""
    parser = argparse.ArgumentParser(prog="autograder dashboard", description=__doc__)
    parser.add_argument("run", type=Path, nargs="?", default=Path("run"), help="a run's folder")
    parser.add_argument("--names", action="store_true", help="show names instead of pseudonyms")
    args = parser.parse_args(argv)
    folder = RunFolder(args.run)
    try:
        course = load_course(course_root(folder, ROOT) / "assignments")
        grades = work_out(folder, course)
        before = last_tables(folder.path)
        changes = compare(before, folder.path) if before else None
    except (*UNUSABLE, TablesError) as error:
        return refuse(Exit.USAGE, str(error))
    settings = folder.settings()
    keys = [grade.state.row.key for grade in grades]
    names = hidden = pseudonyms(keys, settings.seed if settings else 0)
    lines = [["pseudonym", "student"], *sorted([name, key] for key, name in names.items())]
    replace_text(folder.path / "pseudonyms.csv", text_of(lines))
    if args.names:
        rows = {grade.state.row.key: grade.state.row for grade in grades}
        names = {key: f"{rows[key].person.name} ({key})" for key in hidden}
    file = folder.path / "dashboard.html"
    pairs = _pairs(folder.path / "similar.csv", shown={hidden[key]: names[key] for key in hidden})
    replace_text(file, page(course.title, grades, names, changes, pairs, args.names))
    print(f"{file}\n{folder.path / 'pseudonyms.csv'} says who is who")
    return int(Exit.DONE)


def _pairs(file: Path, shown: Mapping[str, str]) -> list[dict[str, str]] | None:
    """What `similar` has listed, under the names that are shown; None if it has not run."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except OSError:
        return None
    names = ("one", "other")
    return [{**row, **{name: shown.get(row[name], "?") for name in names}} for row in rows]
