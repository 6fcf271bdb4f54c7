"""`leaderboard`: ranks of those who want them, by what was counted. Runs nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.batch.leaderboard.boards import boards
from autograder.batch.leaderboard.page import page, table
from autograder.batch.leaderboard.wishes import WishError, read_wishes
from autograder.batch.run.folder import RunFolder, replace_text
from autograder.batch.run.suite import course_root
from autograder.batch.scores.grade import Grade
from autograder.batch.scores.policy_file import read_policy
from autograder.batch.scores.work_out import work_out
from autograder.cli.exits import Exit, refuse
from autograder.cli.grades import UNUSABLE
from autograder.cli.root import ROOT
from autograder.rubric.load import load_course


def main(argv: list[str]) -> int:
    """Write leaderboard.html and leaderboard.csv."""
    args = _parser().parse_args(argv)
    folder = RunFolder(args.run)
    try:
        course = load_course(course_root(folder, ROOT) / "assignments")
        runs = [work_out(RunFolder(one), course) for one in (args.run, *args.also)]
        wishes = read_wishes(folder.path / "aliases.csv", [one.state.row for one in runs[0]])
        dropped = {one.rule for one in read_policy(folder.path / "policy.toml").dropped}
    except (*UNUSABLE, WishError) as error:
        return refuse(Exit.USAGE, str(error))
    found = boards(course, runs, wishes, dropped, args.board)
    unknown = set(args.board) - {one.id for one in found}
    if unknown:
        return refuse(Exit.USAGE, f"there is no board {', '.join(sorted(unknown))} in this run")
    file = folder.path / "leaderboard.html"
    replace_text(file, page(course.title, found, _provenance(runs)))
    replace_text(file.with_suffix(".csv"), table(found))
    print(f"{len(wishes)} of {len(runs[0])} students want to be seen; {len(found)} boards: {file}")
    if not wishes:
        print(f"who wants to be on it stands in {folder.path / 'aliases.csv'}: student,alias")
    return int(Exit.DONE)


def _provenance(runs: list[list[Grade]]) -> str:
    headers = [one.state.run.header for grades in runs for one in grades if one.state.run]
    suites = sorted({f"{head.suite} ({head.suite_hash[:8]})" for head in headers})
    times = f"graded {len(runs)} times, by other seeds" if len(runs) > 1 else "graded once"
    counted = "Costs are counted, so no machine is in them, where a board does not say otherwise."
    width = " Where no interval is shown, all gave the same." if len(runs) > 1 else ""
    return f"suite {', '.join(suites) or 'none'}; {times}. {counted}{width}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder leaderboard", description=__doc__)
    parser.add_argument("run", type=Path, nargs="?", default=Path("run"), help="a run's folder")
    parser.add_argument(
        "--also", type=Path, action="append", default=[], help="the same class by another seed"
    )
    parser.add_argument("--board", action="append", default=[], help="a rule, or `performance`")
    return parser
