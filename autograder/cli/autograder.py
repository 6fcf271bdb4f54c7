"""`autograder`: build the zip for Gradescope and `otter run`."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import OUT, ROOT
from autograder.publish.bundle import BundleError, write_bundle
from autograder.publish.call import Setting
from autograder.rubric.load import load_course
from autograder.rubric.model import RubricError
from autograder.sandbox.isolation import Tier


def main(argv: list[str]) -> int:
    """Build the zip, and say what is in it."""
    args = _parser().parse_args(argv)
    try:
        known = {stage.id for stage in load_course(ROOT / "assignments").stages}
        unknown = sorted(set(args.stage) - known)
        if unknown:
            return refuse(Exit.USAGE, f"there is no stage {unknown[0]} in this suite")
        stages, isolation = tuple(sorted(set(args.stage))), args.require_isolation or ""
        setting = Setting(args.seed, stages, args.minutes * 60, isolation)
        bundle = write_bundle(ROOT, args.out, setting)
    except (BundleError, RubricError) as error:
        return refuse(Exit.USAGE, str(error))
    except OSError as error:
        return refuse(Exit.USAGE, f"{error.filename}: {error.strerror}")
    size = bundle.file.stat().st_size / 1e6
    print(f"{bundle.file}   {bundle.entries} files, {size:.1f} MB\nsha256 {bundle.sha256}")
    for line in bundle.changed:
        print(f"not as committed: {line}")
    return int(Exit.DONE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder autograder", description=__doc__)
    parser.add_argument("out", type=Path, nargs="?", default=ROOT / OUT, help="a folder")
    parser.add_argument("--stage", type=int, action="append", default=[], help="only this stage")
    parser.add_argument("--seed", type=int, default=0, help="else it follows from the content")
    tiers = [tier.value for tier in Tier]
    parser.add_argument("--require-isolation", choices=tiers, help="refuse to grade with less")
    parser.add_argument(
        "--minutes", type=float, default=8.0, help="for one submission; below Gradescope's limit"
    )
    return parser
