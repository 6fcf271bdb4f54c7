"""`otter`: public rules as otter's test files, and the zip held against the engine."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import OUT, ROOT
from autograder.publish.bundle import BundleError, write_bundle
from autograder.publish.call import Setting
from autograder.publish.otter_tests import write_otter_tests
from autograder.publish.parity import (
    Case,
    NoOtter,
    Parity,
    RunFailed,
    attack_cases,
    compare,
    known_cases,
)
from autograder.rubric.load import load_course
from autograder.rubric.model import Course, RubricError
from autograder.source.attacks import load_attacks

ATTACKS = ROOT / "tests" / "attacks"
LONG = 3600.0


def main(argv: list[str]) -> int:
    """Run one of the two."""
    args = _parser().parse_args(argv)
    try:
        course = load_course(ROOT / "assignments")
        if args.what == "tests":
            number = write_otter_tests(course, args.out)
            print(f"{args.out}: {number} test files; use them in the students' tree:")
            print(f"  otter check pagedlab/__init__.py -t {args.out}/stage1")
            return int(Exit.DONE)
        return _parity(args, course)
    except (BundleError, NoOtter, RubricError) as error:
        return refuse(Exit.USAGE, str(error))


def _parity(args: argparse.Namespace, course: Course) -> int:
    differ = 0
    with tempfile.TemporaryDirectory(prefix="pagedlab-parity-") as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)
        setting = Setting(0, tuple(args.stage), LONG)
        bundle = write_bundle(ROOT, scratch, setting)
        print(f"zip {bundle.sha256[:16]}, {bundle.entries} files")
        print(f"{'submission':<24}{'rules':>6}{'otter':>8}{'engine':>8}   ")
        for number, case in enumerate(_cases(args, course, scratch / "attacks")):
            own = scratch / str(number)
            own.mkdir()
            start = time.monotonic()
            try:
                found = compare(ROOT, bundle.file, case, own)
            except RunFailed as failed:
                print(f"{case.name:<24}{failed}")
                differ += 1
                continue
            differ += bool(found.differences)
            print("\n".join(_row(found, time.monotonic() - start)), flush=True)
    print("otter and the engine agree on every rule" if not differ else f"{differ} differ")
    return int(Exit.BELOW_BAR if differ else Exit.DONE)


def _cases(args: argparse.Namespace, course: Course, scratch: Path) -> Iterable[Case]:
    attacks = [
        attack
        for stage in course.stages
        if not args.stage or stage.id in args.stage
        for attack in load_attacks(ATTACKS, stage)
    ]
    known = (case for case in known_cases(ROOT) if not args.only or case.name in args.only)
    hostile = [attack for attack in attacks if not args.only or attack.id in args.only]
    return chain(known, attack_cases(ROOT, hostile, scratch))


def _row(found: Parity, seconds: float) -> Iterator[str]:
    words = ", ".join(f"{number} {status}" for status, number in found.statuses.items())
    verdict = "agree" if not found.differences else "DIFFER"
    yield (
        f"{found.case.name:<24}{found.rules:>6}{found.otter:>8.2f}{found.engine:>8.2f}"
        f"   {verdict} ({words}; {seconds:.0f} s)"
    )
    for line in found.differences:
        yield f"    {line}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder otter", description=__doc__)
    verbs = parser.add_subparsers(dest="what", required=True)
    tests = verbs.add_parser("tests", help="write public rules as otter's test files")
    tests.add_argument("out", type=Path, nargs="?", default=ROOT / OUT / "otter_tests")
    parity = verbs.add_parser("parity", help="otter and the engine on known submissions")
    parity.add_argument("--stage", type=int, action="append", default=[], help="only this stage")
    parity.add_argument("--only", action="append", default=[], help="only this submission")
    return parser
