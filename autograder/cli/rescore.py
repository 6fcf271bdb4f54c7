"""`rescore`: score a recorded run by today's rubric, and by a person's marks. Runs nothing."""

from __future__ import annotations

import argparse
import json
import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grade import lanes, show
from autograder.cli.grading import OUT, ROOT, finish
from autograder.judge.lanes import LEFT_OUT
from autograder.report.run import Run
from autograder.rubric.load import load_course
from autograder.rubric.model import Course, RubricError
from autograder.scoring.events import LogError, outcome_to_json, read_log
from autograder.scoring.outcome import Cause, Outcome, Status
from autograder.scoring.score import score_run
from autograder.scoring.weights import with_lanes


class BadMarks(Exception):
    """A file of marks cannot be used. Says where and why."""


def main(argv: list[str]) -> int:
    """Rescore a run folder, and write its results.json and report.html anew."""
    parser = argparse.ArgumentParser(prog="autograder rescore", description=__doc__)
    parser.add_argument("run", type=Path, nargs="?", default=ROOT / OUT, help="a run's folder")
    parser.add_argument("--marks", type=Path, help="TOML: a table a rule, with share and by")
    parser.add_argument(
        "--lanes", type=lanes, help="show what a machine with these alone would give; write nothing"
    )
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    log = args.run / "events.jsonl"
    try:
        course = load_course(ROOT / "assignments")
        header, _ = read_log(log)
        rules = [rule for number in header.stages for rule in course.stage(number).rules]
        if args.marks:
            _append(log, read_marks(args.marks, {one.id for one in rules if one.check == "human"}))
        only = args.lanes
        run = finish(course, args.run, 0.0) if only is None else _fewer(course, log, only)
    except (LogError, BadMarks, RubricError) as error:
        return refuse(Exit.USAGE, str(error))
    except KeyError as error:
        return refuse(Exit.USAGE, f"{log}: this suite has no stage {error}")
    show(run, args.json, everything=False)
    return int(Exit.DONE)


def _fewer(course: Course, log: Path, only: frozenset[str]) -> Run:
    """The run as it would be scored on a machine that has some of the lanes."""
    header, outcomes = read_log(log)
    stages = [course.stage(number) for number in header.stages]
    outcomes = tuple(with_lanes(stages, outcomes, only))
    had = {name: why or ("" if name in only else LEFT_OUT) for name, why in header.lanes.items()}
    header = replace(header, lanes=had)
    return Run(course, header, score_run(course, header.stages, outcomes), 0.0)


def read_marks(file: Path, human: set[str]) -> list[Outcome]:
    """A person's marks: for each rule a share from 0 to 1, and who gave it.

    Args:
        file: TOML.
        human: ids of the rules that are read by a person. No other can be marked.

    Raises:
        BadMarks: the file is unreadable, or a mark is incomplete, out of range or of another rule.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadMarks(f"{file}: {error}") from error
    marks = []
    for rule, mark in data.items():
        if rule not in human:
            raise BadMarks(f"{file}: {rule!r} is no rule of this run that a person reads")
        match mark:
            case {"share": int() | float() as share, "by": str(by)} if by and 0 <= share <= 1:
                exact = Fraction(str(float(share)))
            case _:
                raise BadMarks(f'{file}: rule {rule} needs share = 0 ... 1 and by = "name"')
        status = Status.PASS if exact == 1 else Status.FAIL
        cause = Cause(f"{by} gave {float(exact):.0%} of the points", "finding")
        marks.append(Outcome(rule, status, exact, cause=cause.printable()))
    return marks


def _append(log: Path, marks: list[Outcome]) -> None:
    """Marks become events like all others: a later one replaces an earlier one."""
    torn = not log.read_bytes().endswith(b"\n")
    with log.open("a", encoding="utf-8") as file:
        file.write("\n" * torn)  # a line that a crash cut off must not swallow the first mark
        for mark in marks:
            file.write(json.dumps({"event": "rule", **outcome_to_json(mark)}) + "\n")
