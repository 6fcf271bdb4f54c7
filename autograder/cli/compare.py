"""`compare`: what differs between two runs, or between a run and what it said before."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.batch.scores.difference import TablesError, compare, report, students_in
from autograder.batch.scores.work_out import last_tables
from autograder.cli.exits import Exit, refuse


def main(argv: list[str]) -> int:
    """Print the differences. Exits 0 whether there are any or not."""
    parser = argparse.ArgumentParser(prog="autograder compare", description=__doc__)
    parser.add_argument("run", type=Path, help="a run's folder")
    parser.add_argument(
        "before", type=Path, nargs="?", help="another; else what the run was before"
    )
    parser.add_argument("--all", action="store_true", help="every student")
    args = parser.parse_args(argv)
    try:
        before = args.before or _last(args.run)
        changes, students = compare(before, args.run), students_in(args.run)
    except TablesError as error:
        return refuse(Exit.USAGE, str(error))
    print("\n".join(report(changes, students, students if args.all else 40)))
    return int(Exit.DONE)


def _last(run: Path) -> Path:
    before = last_tables(run)
    if before is None:
        raise TablesError(f"{run}: its grades have not changed yet; name another run")
    return before
