"""`summary`: a recorded run as Markdown, and as Classroom 50's result.json. Runs nothing."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import OUT, ROOT
from autograder.protocol.plain import Json
from autograder.report.classroom50 import document, entries_of
from autograder.report.markdown import summary
from autograder.report.run import Run
from autograder.rubric.load import load_course
from autograder.rubric.model import RubricError
from autograder.scoring.events import LogError, read_log
from autograder.scoring.score import score_run

ENVIRONMENT = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "assignment_type": "ASSIGNMENT_TYPE",
    "owner": "OWNER",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}
"""Where Classroom 50's runner says whose submission it is. It stamps `datetime` itself."""


def main(argv: list[str]) -> int:
    """Print Markdown, and write result.json if asked to. Exits 3 if points are undecided."""
    parser = argparse.ArgumentParser(prog="autograder summary", description=__doc__)
    parser.add_argument("run", type=Path, nargs="?", default=ROOT / OUT, help="a run's folder")
    parser.add_argument("--classroom50", type=Path, metavar="FILE", help="write result.json there")
    args = parser.parse_args(argv)
    try:
        course = load_course(ROOT / "assignments")
        header, outcomes = read_log(args.run / "events.jsonl")
        run = Run(course, header, score_run(course, header.stages, outcomes), 0.0)
    except (LogError, RubricError) as error:
        return refuse(Exit.USAGE, str(error))
    except KeyError as error:
        return refuse(Exit.USAGE, f"{args.run}: this suite has no stage {error}")
    sys.stdout.write(summary(run))
    if args.classroom50:
        text = json.dumps(classroom50(run, os.environ), indent=1) + "\n"
        args.classroom50.write_text(text, encoding="utf-8")
    return int(Exit.FAULT if run.undecided else Exit.DONE)


def classroom50(run: Run, environment: Mapping[str, str]) -> dict[str, Json]:
    """The run as the result of the submission that the environment names."""
    identity = {name: environment.get(key, "") for name, key in ENVIRONMENT.items()}
    identity["review"] = identity["review"] or identity["commit"]
    identity["datetime"] = run.header.started
    return document(identity, int(run.score * 100), int(run.visible * 100), entries_of(run))
