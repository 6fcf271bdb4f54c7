"""`merge`: bring the parts of a class together that were graded apart."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.batch.run.folder import RunFolder
from autograder.batch.run.merging import merge
from autograder.batch.run.suite import course_root
from autograder.batch.scores.work_out import work_out
from autograder.cli.exits import Exit, refuse
from autograder.cli.grades import UNUSABLE, told
from autograder.cli.root import ROOT
from autograder.rubric.load import load_course


def main(argv: list[str]) -> int:
    """Merge the later runs into the first, and work its grades out."""
    parser = argparse.ArgumentParser(prog="autograder merge", description=__doc__)
    parser.add_argument("run", type=Path, help="gets the gradings of the others")
    parser.add_argument("others", type=Path, nargs="+")
    args = parser.parse_args(argv)
    folder = RunFolder(args.run)
    try:
        if folder.settings() is None:
            return refuse(Exit.USAGE, f"{args.run}: is no run's folder")
        with folder.locked():
            taken = sum(merge(folder, RunFolder(other)) for other in args.others)
            grades = work_out(folder, load_course(course_root(folder, ROOT) / "assignments"))
    except UNUSABLE as error:
        return refuse(Exit.USAGE, str(error))
    print(f"{taken} gradings taken over")
    print("\n".join(told(grades, args.run)))
    return int(Exit.NEEDS_ATTENTION if any(one.attention for one in grades) else Exit.DONE)
