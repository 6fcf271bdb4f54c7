"""`students`: generate an example class, to try the batch on and to load it with."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.batch.example.make_class import make_class
from autograder.cli.exits import Exit, refuse
from autograder.cli.root import ROOT
from autograder.rubric.load import load_course
from autograder.rubric.model import RubricError


def main(argv: list[str]) -> int:
    """Write the class, and say what is in it."""
    parser = argparse.ArgumentParser(prog="autograder students", description=__doc__)
    parser.add_argument("out", type=Path, nargs="?", default=Path("class"), help="new folder")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2026, help="the same seed, the same class")
    args = parser.parse_args(argv)
    if args.count < 1:
        return refuse(Exit.USAGE, "a class has at least one student")
    if args.out.exists():
        return refuse(Exit.USAGE, f"{args.out}: exists already; name another with OUT=dir")
    try:
        course = load_course(ROOT / "assignments")
        counted = make_class(ROOT, course, args.out, args.count, args.seed)
    except RubricError as error:
        return refuse(Exit.FAULT, f"the suite itself is broken: {error}")
    words = " · ".join(f"{kind} {number}" for kind, number in sorted(counted.items()))
    print(f"{args.count} students: {words}")
    print(f"{args.out / 'answers.csv'} says what each of them handed in")
    return int(Exit.DONE)
