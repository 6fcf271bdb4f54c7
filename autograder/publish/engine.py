"""The grader as the zip runs it: takes in a delivery, grades it, writes `report.json`.

    python -m autograder.publish.engine SENT OUT --seed 7 [--stage 1]
    python -m autograder.publish.engine SENT OUT --finish     score what a stopped run had decided

Exit code 0 if there is a report, 3 if the grader is at fault and there is none.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autograder.batch.intake.names import Refused as Unreadable
from autograder.batch.intake.snapshot import Sent, take
from autograder.batch.run.suite import seed_of
from autograder.batch.run.taking_in import modules_of
from autograder.cli.grading import ROOT, Refused, Request, finish, grade_submission
from autograder.judge.staging import NothingToGrade
from autograder.publish.of_run import report_of
from autograder.publish.report import Report
from autograder.rubric.load import load_course
from autograder.rubric.model import RubricError
from autograder.sandbox.isolation import Tier
from autograder.scoring.events import LogError

REPORT, NOTES = "report.json", "notes.json"
DONE, FAULT = 0, 3
WHOSE = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def main(argv: Sequence[str]) -> int:
    """Run the engine."""
    args = _parser().parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    try:
        report = _finished(args.out) if args.finish else _graded(args)
    except (Refused, RubricError, LogError) as error:
        print(f"engine: {error}", file=sys.stderr)
        return FAULT
    report = replace(report, facts={**report.facts, **_used()})
    print(f"{report.score} of {report.maximum} points; {report.facts}")
    part = args.out / f"{REPORT}.part"
    part.write_text(json.dumps(report.to_json(), indent=1) + "\n", encoding="utf-8")
    os.replace(part, args.out / REPORT)
    return DONE


def _graded(args: argparse.Namespace) -> Report:
    out: Path = args.out
    course = load_course(ROOT / "assignments")
    try:
        snapshot = take([Sent(args.sent)], out / "taken", modules_of(course))
        (out / NOTES).write_text(json.dumps(snapshot.notes), encoding="utf-8")
        required = Tier(args.require_isolation) if args.require_isolation else None
        request = Request(
            submission=out / "taken" / snapshot.content,
            stages=tuple(args.stage),
            seed=seed_of(args.seed, snapshot.content),
            out=out,
            required=required,
        )
        run = grade_submission(request, lambda outcome: None)
    except (Unreadable, NothingToGrade) as nothing:
        return Report(0.0, 0.0, 0.0, 0.0, {}, refused=" ".join(str(nothing).split()))
    return report_of(run, snapshot.notes)


def _finished(out: Path) -> Report:
    """What was decided before the run was stopped; the rest is undecided."""
    notes = json.loads((out / NOTES).read_text("utf-8")) if (out / NOTES).is_file() else ()
    stopped = "grading took too long and was stopped"
    return report_of(finish(load_course(ROOT / "assignments"), out, 0.0), (*notes, stopped))


def _used() -> dict[str, str]:
    """What this process and all that it started and waited for has taken."""
    own, others = (resource.getrusage(who) for who in WHOSE)
    seconds = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    largest = max(own.ru_maxrss, others.ru_maxrss) >> 10
    return {"cpu_seconds": f"{seconds:.1f}", "largest_process_mb": str(largest)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="engine")
    parser.add_argument("sent", type=Path, help="the folder as it was handed in")
    parser.add_argument("out", type=Path, help="folder of this grading alone")
    parser.add_argument("--stage", type=int, action="append", default=[])
    parser.add_argument("--seed", type=int, default=0, help="of the zip; each submission has one")
    parser.add_argument("--require-isolation", choices=[tier.value for tier in Tier])
    parser.add_argument("--finish", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
