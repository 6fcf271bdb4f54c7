"""`grades`: a run's grades by today's rubric, policy.toml and adjustments.csv. Runs nothing.

With `--policy` it says what another policy would change, and leaves the grades as they are: every
export and page works by the run's own policy.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

from autograder.batch.intake.roster import RosterError
from autograder.batch.run.folder import FolderError, RunFolder
from autograder.batch.run.suite import course_root
from autograder.batch.scores.adjustments import AdjustmentError
from autograder.batch.scores.difference import compare, report
from autograder.batch.scores.grade import Grade
from autograder.batch.scores.policy import PolicyError
from autograder.batch.scores.work_out import work_out
from autograder.cli.exits import Exit, refuse
from autograder.cli.root import ROOT
from autograder.rubric.load import load_course
from autograder.rubric.model import Course

UNUSABLE = (FolderError, RosterError, PolicyError, AdjustmentError)


def main(argv: list[str]) -> int:
    """Write the tables anew. Exits 6 if rows need attention."""
    parser = argparse.ArgumentParser(prog="autograder grades", description=__doc__)
    parser.add_argument("run", type=Path, nargs="?", default=Path("run"), help="a run's folder")
    parser.add_argument("--policy", type=Path, help="what would this one change? Nothing is kept")
    args = parser.parse_args(argv)
    try:
        if args.policy and not args.policy.is_file():
            raise PolicyError(f"{args.policy}: no such file")
        course = load_course(course_root(RunFolder(args.run), ROOT) / "assignments")
        grades = work_out(RunFolder(args.run), course)
        if args.policy:
            print("\n".join(_would_change(args.run, course, args.policy)))
            return int(Exit.DONE)
    except UNUSABLE as error:
        return refuse(Exit.USAGE, str(error))
    print("\n".join(told(grades, args.run)))
    return int(Exit.NEEDS_ATTENTION if odd_rows(args.run) else Exit.DONE)


def _would_change(run: Path, course: Course, policy: Path) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="pagedlab-") as trial:
        grades = work_out(RunFolder(run), course, policy, Path(trial))
        lines = report(compare(run, Path(trial)), len(grades))
    return [f"by {policy}, of which nothing is kept:", *lines]


def odd_rows(run: Path) -> int:
    """How many rows of the run's needs_attention.csv there are, those of nobody included."""
    with (run / "needs_attention.csv").open(encoding="utf-8", newline="") as lines:
        return len({row["student"] or row["why"] for row in csv.DictReader(lines)})


def told(grades: list[Grade], run: Path) -> list[str]:
    """How many have a grade, and where the tables are."""
    final = [one for one in grades if one.final is not None]
    odd = odd_rows(run)
    lines = [f"{len(final)} of {len(grades)} students have a grade: {run / 'grades.csv'}"]
    if odd:
        lines.append(f"{odd} rows need attention: {run / 'needs_attention.csv'}")
    return lines
