"""`grades`: a run's grades by today's rubric, policy.toml and adjustments.csv. Runs nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.batch.intake.roster import RosterError
from autograder.batch.run.folder import FolderError, RunFolder
from autograder.batch.scores.adjustments import AdjustmentError
from autograder.batch.scores.grade import Grade
from autograder.batch.scores.policy import PolicyError
from autograder.batch.scores.work_out import work_out
from autograder.cli.exits import Exit, refuse
from autograder.cli.root import ROOT
from autograder.rubric.load import load_course

UNUSABLE = (FolderError, RosterError, PolicyError, AdjustmentError)


def main(argv: list[str]) -> int:
    """Write the tables anew. Exits 6 if rows need attention."""
    parser = argparse.ArgumentParser(prog="autograder grades", description=__doc__)
    parser.add_argument("run", type=Path, nargs="?", default=Path("run"), help="a run's folder")
    parser.add_argument("--policy", type=Path, help="instead of the run's policy.toml")
    args = parser.parse_args(argv)
    try:
        if args.policy and not args.policy.is_file():
            raise PolicyError(f"{args.policy}: no such file")
        course = load_course(RunFolder(args.run).course_root(ROOT) / "assignments")
        grades = work_out(RunFolder(args.run), course, args.policy)
    except UNUSABLE as error:
        return refuse(Exit.USAGE, str(error))
    print("\n".join(told(grades, args.run)))
    return int(Exit.NEEDS_ATTENTION if any(one.attention for one in grades) else Exit.DONE)


def told(grades: list[Grade], run: Path) -> list[str]:
    """How many have a grade, and where the tables are."""
    final = [one for one in grades if one.final is not None]
    odd = sum(bool(one.attention) for one in grades)
    lines = [f"{len(final)} of {len(grades)} students have a grade: {run / 'grades.csv'}"]
    if odd:
        lines.append(f"{odd} rows need attention: {run / 'needs_attention.csv'}")
    return lines
