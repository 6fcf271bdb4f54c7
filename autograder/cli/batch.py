"""`batch`: grade a whole class. What is known is not done again; what a crash cut off goes on."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from autograder.batch.cluster.array_script import Parts, write_array_script
from autograder.batch.cluster.opening import require_installed
from autograder.batch.cluster.options import ClusterError, Options, read_options
from autograder.batch.intake.found import SourceError
from autograder.batch.intake.sources import READERS
from autograder.batch.run.batch import run_batch, take_in_alone
from autograder.batch.run.folder import RunFolder, replace_text
from autograder.batch.run.plan import Choice
from autograder.batch.run.report import Report
from autograder.batch.run.request import Request
from autograder.batch.run.state import RowStatus
from autograder.batch.run.suite import course_root
from autograder.batch.run.summary import summary
from autograder.batch.scores.policy_file import read_policy
from autograder.batch.scores.work_out import work_out
from autograder.cli.exits import Exit, refuse
from autograder.cli.grades import UNUSABLE, odd_rows
from autograder.cli.root import ROOT
from autograder.rubric.load import load_course
from autograder.rubric.model import Course, RubricError
from autograder.sandbox.isolation import Tier, probe


def main(argv: list[str]) -> int:
    """Take in, grade, report. Exits 6 if rows need attention, 3 if the machine is not fit."""
    args = _parser().parse_args(argv)
    try:
        cluster = _cluster(args)
    except (OSError, ValueError) as error:
        return refuse(Exit.USAGE, str(error))
    except ClusterError as error:
        return refuse(Exit.FAULT, str(error))
    request = _request(args, cluster)
    try:
        folder = RunFolder(args.out)
        root = request.course or course_root(folder, ROOT)
        course = load_course(root / "assignments")
        isolation = probe(Tier(args.isolation))
        order = list(Tier)
        required = args.require_isolation
        if required and order.index(isolation.tier) > order.index(Tier(required)):
            return refuse(Exit.FAULT, f"this machine gives only {isolation.describe()}")
        if args.policy:
            read_policy(args.policy)
            folder.make()
            _keep_policy(args.policy, folder.path / "policy.toml")
        read_policy(folder.path / "policy.toml")  # a mistake in it is told before the work
        if args.write_array_script:
            return _write_script(args, course, request)
        report = run_batch(root, course, isolation, request, sys.stderr)
        grades = work_out(folder, course)
    except RubricError as error:
        return refuse(Exit.FAULT, f"the suite itself is broken, nothing was graded: {error}")
    except ClusterError as error:
        return refuse(Exit.FAULT, f"{error}; what was graded is kept, go on with --resume")
    except (*UNUSABLE, SourceError, ValueError) as error:
        return refuse(Exit.USAGE, str(error))
    except KeyboardInterrupt:
        print("\ninterrupted; go on with --resume", file=sys.stderr)
        return 130
    print("\n".join(summary(report, grades, args.out)))
    odd = odd_rows(args.out)
    _say_strangers(odd - sum(bool(one.attention) for one in grades), args.out)
    return int(exit_of(report, odd))


def _request(args: argparse.Namespace, cluster: Options | None) -> Request:
    return Request(
        out=args.out,
        submissions=None if args.resume else args.submissions,
        roster=args.roster,
        kind=args.source,
        stages=tuple(sorted(set(args.stage))),
        seed=args.seed,
        workers=cluster.workers if cluster else args.workers or os.cpu_count() or 1,
        choice=Choice(frozenset(args.only), frozenset(args.status), args.changed, args.shard),
        health=not args.no_health,
        cluster=cluster,
        course=args.course.resolve() if args.course else None,
    )


def _say_strangers(strangers: int, out: Path) -> None:
    if strangers > 0:
        file = out / "needs_attention.csv"
        print(f"{strangers} lines of policy or adjustments are of nobody in this class: {file}")


def _keep_policy(given: Path, ours: Path) -> None:
    """Copy a policy into the run, unless the run has one: that may have been written by hand."""
    text = given.read_text("utf-8")
    if not ours.exists():
        replace_text(ours, text)
    elif ours.read_text("utf-8") != text:
        print(f"{ours} stays as it is; {given} differs", file=sys.stderr)


def exit_of(report: Report, odd: int) -> Exit:
    """What the caller may rely on."""
    if report.unhealthy:
        return Exit.FAULT
    if odd:
        return Exit.NEEDS_ATTENTION
    return Exit.DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder batch", description=__doc__)
    tiers = [tier.value for tier in Tier]
    parser.add_argument("submissions", type=Path, nargs="?", help="folder or archive")
    parser.add_argument("--out", type=Path, default=Path("run"), help="the run's folder")
    parser.add_argument("--roster", type=Path, help="CSV with the class")
    parser.add_argument("--policy", type=Path, help="becomes the run's policy.toml")
    parser.add_argument("--course", type=Path, help="another course's folder, with assignments/")
    parser.add_argument("--source", choices=READERS, default="", help="kind of download")
    parser.add_argument("--stage", type=int, action="append", default=[], help="only this stage")
    parser.add_argument("--seed", type=int, help="of the run; a fresh one otherwise")
    parser.add_argument("--workers", type=_workers, help="processes; one a core, if not told")
    parser.add_argument("--cluster", help="an engine, such as slurm or local, or a cluster.toml")
    parser.add_argument("--resume", action="store_true", help="go on, taking nothing in")
    parser.add_argument("--only", action="append", default=[], help="grade this one anew")
    statuses = [status.value for status in RowStatus]
    parser.add_argument(
        "--status", action="append", default=[], choices=statuses, help="grade these anew"
    )
    parser.add_argument("--changed", action="store_true", help="only what was never graded")
    parser.add_argument("--shard", type=_shard, default=(1, 1), help="2/8: only this part")
    parser.add_argument(
        "--write-array-script", type=Path, metavar="FILE", help="for sbatch: grades nothing here"
    )
    parser.add_argument("--no-health", action="store_true", help="do not grade the reference")
    parser.add_argument("--isolation", choices=tiers, default=tiers[0], help="at most this")
    parser.add_argument("--require-isolation", choices=tiers, help="refuse to grade with less")
    return parser


def _cluster(args: argparse.Namespace) -> Options | None:
    script = args.write_array_script
    if not args.cluster and not script:
        return None
    options = read_options(args.cluster or "slurm")
    if not script:
        require_installed()
    elif options.engine != "slurm" or args.shard != (1, 1):
        raise ValueError("an array script is for slurm, and for the whole class")
    return replace(options, workers=args.workers) if args.workers else options


def _write_script(args: argparse.Namespace, course: Course, request: Request) -> int:
    """Take the class in, and write the script that grades it in parts."""
    if request.submissions is None or request.cluster is None:
        return refuse(Exit.USAGE, "an array script is for submissions: SUBMISSIONS=dir")
    settings = take_in_alone(course, request, sys.stderr)
    folder = RunFolder(request.out)
    more = ["--isolation", args.isolation]
    more += ["--require-isolation", args.require_isolation] if args.require_isolation else []
    more += ["--no-health"] if args.no_health else []
    verb = (sys.executable, "-m", "autograder")
    parts = Parts(ROOT, (*verb, "batch"), (*verb, "merge"), request.submissions, more)
    write_array_script(args.write_array_script, parts, folder, settings, request.cluster)
    print(f"sbatch {args.write_array_script}\nand then, as the script says, merge")
    return int(Exit.DONE)


def _workers(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least one process is needed")
    return count


def _shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part of a whole, such as 2/8")
    return int(number), int(count)
