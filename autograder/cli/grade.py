"""`grade`: a submission's points on all four axes, and one failure explained in full."""

from __future__ import annotations

import argparse
import json
import os
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import OUT, ROOT, Refused, Request, Unfit, grade_submission
from autograder.cli.progress import Progress
from autograder.judge.staging import NothingToGrade
from autograder.report.glyphs import style_for
from autograder.report.results import results
from autograder.report.run import Run
from autograder.report.terminal import render
from autograder.rubric.model import RubricError
from autograder.sandbox.isolation import Tier


def main(argv: list[str]) -> int:
    """Grade and report. See `Exit` for what is returned."""
    args = _parser().parse_args(argv)
    request = Request(
        submission=args.submission,
        stages=tuple(args.stage),
        seed=args.seed,
        out=args.out,
        at_most=Tier(args.isolation),
        required=Tier(args.require_isolation) if args.require_isolation else None,
        lanes=args.lanes,
    )
    try:
        with Progress(sys.stderr) as progress:
            run = grade_submission(request, progress.step)
    except NothingToGrade as nothing:
        return refuse(Exit.NOTHING_TO_GRADE, f"{nothing}; name another with SUBMISSION=dir")
    except Unfit as unfit:
        return refuse(Exit.FAULT, str(unfit))
    except Refused as refused:
        return refuse(Exit.USAGE, str(refused))
    except RubricError as error:
        return refuse(Exit.FAULT, f"the suite itself is broken, nothing was graded: {error}")
    show(run, args.json, args.all)
    return _exit(run, args.fail_under)


def show(run: Run, as_json: bool, everything: bool) -> None:
    """Print the report: JSON alone on stdout if asked for, else text."""
    stream = sys.stderr if as_json else sys.stdout
    if as_json:
        print(json.dumps(results(run), indent=1))
    style = style_for(stream.encoding, stream.isatty(), "NO_COLOR" in os.environ)
    text = "\n".join(render(run, style, everything))
    stream.write(
        text.encode(stream.encoding or "ascii", "replace").decode(stream.encoding or "ascii")
    )
    stream.write("\n")


def _exit(run: Run, bar: Decimal | None) -> int:
    if run.undecided:
        return int(Exit.FAULT)
    return int(Exit.BELOW_BAR if bar is not None and run.score < bar else Exit.DONE)


def _points(text: str) -> Decimal:
    try:
        points = Decimal(text)
    except InvalidOperation:
        points = Decimal("nan")
    if not points.is_finite():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of points")
    return points


def lanes(text: str) -> frozenset[str]:
    """Names with commas between them."""
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder grade", description=__doc__)
    tiers = [tier.value for tier in Tier]
    parser.add_argument("submission", type=Path, help="directory that holds pagedlab/")
    parser.add_argument("--stage", type=int, action="append", default=[], help="only this stage")
    parser.add_argument("--all", action="store_true", help="explain every failure")
    parser.add_argument("--json", action="store_true", help="results.json alone on stdout")
    parser.add_argument("--seed", type=int, help="repeat a run; a fresh seed otherwise")
    parser.add_argument("--out", type=Path, default=ROOT / OUT, help="where the files go")
    parser.add_argument("--lanes", type=lanes, help="with these lanes alone, such as sanitize,fast")
    parser.add_argument("--fail-under", type=_points, help="exit 1 below so many points")
    parser.add_argument("--isolation", choices=tiers, default=tiers[0], help="at most this")
    parser.add_argument("--require-isolation", choices=tiers, help="refuse to grade with less")
    return parser
