"""`classroom`: the files with which Classroom 50, or plain GitHub Actions, grade every push."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.batch.classroom.bundle import BundleError, build_bundle
from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import ROOT
from autograder.rubric.model import RubricError
from autograder.source.allow_list import ReleaseError
from autograder.source.regions import StripError
from autograder.source.release import OutError


def main(argv: list[str]) -> int:
    """Write them, and say what to read next."""
    parser = argparse.ArgumentParser(prog="autograder classroom", description=__doc__)
    parser.add_argument("out", type=Path, help="a folder, new or empty")
    parser.add_argument("--assignment", default="pagedlab", help="its short name on Classroom 50")
    parser.add_argument("--runs-on", default="ubuntu-latest", help="labels: self-hosted,gpu")
    parser.add_argument("--stage", type=int, action="append", default=[], help="only this stage")
    args = parser.parse_args(argv)
    labels = [one.strip() for one in args.runs_on.split(",") if one.strip()]
    try:
        bundle = build_bundle(ROOT, args.out, args.assignment, labels, args.stage)
    except (BundleError, OutError, ReleaseError, StripError, RubricError) as error:
        return refuse(Exit.USAGE, str(error))
    except OSError as error:
        return refuse(Exit.USAGE, f"{error.filename}: {error.strerror}")
    print(f"{bundle}: for Classroom 50; {args.out / 'workflow'}: for plain Actions")
    print(f"{args.out / 'README.md'} says where they go")
    return int(Exit.DONE)
