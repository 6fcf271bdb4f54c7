"""`validate`: prove the suite on submissions whose verdict is known."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import ROOT
from autograder.rubric.load import load_course
from autograder.rubric.model import Stage
from autograder.sandbox.isolation import Isolation, probe
from autograder.validate.run import grade_all
from autograder.validate.variant import Kind, Variant, attacks, chaffs, wheats
from autograder.validate.verdict import Graded, caught_by, kills, mistakes

ATTACKS = ROOT / "tests" / "attacks"


def main(argv: list[str]) -> int:
    """Grade every wheat, chaff and attack. 0 if the grader is right about all, 1 if not."""
    parser = argparse.ArgumentParser(prog="autograder validate", description=__doc__)
    parser.add_argument("--stage", type=int, action="append", default=[])
    parser.add_argument("--kind", choices=list(Kind), action="append", default=[])
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    course = load_course(ROOT / "assignments")
    unknown = set(args.stage) - {stage.id for stage in course.stages}
    if unknown:
        return refuse(Exit.USAGE, f"there is no stage {min(unknown)} in this suite")
    isolation = probe()
    print(f"isolation: {isolation.describe()}")
    wrong: list[str] = []
    for stage in course.stages:
        if not args.stage or stage.id in args.stage:
            kinds = [Kind(kind) for kind in args.kind] or list(Kind)
            wrong += validate_stage(stage, kinds, isolation, args.seed)
    for line in wrong:
        print(f"WRONG  {line}")
    print(f"{len(wrong)} mistakes of the grader" if wrong else "the grader is right about all")
    return int(Exit.BELOW_BAR if wrong else Exit.DONE)


def validate_stage(stage: Stage, kinds: list[Kind], isolation: Isolation, seed: int) -> list[str]:
    """Grade the variants of one stage, printing a line each; give the grader's mistakes."""
    start, wrong = time.monotonic(), []
    results: dict[str, dict[str, Graded]] = {}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        variants = list(build(stage, kinds, isolation, Path(folder)))
        for variant, graded in grade_all(ROOT, stage.id, variants, isolation, seed):
            found = mistakes(variant, graded)
            results[f"{variant.kind}/{variant.id}"] = graded
            lost = " ".join(caught_by(variant, graded)) or "-"
            sign = "WRONG" if found else "ok"
            print(f"{sign:<6} {variant.kind:<7} {variant.id:<28} loses {lost}", flush=True)
            wrong += found
        by_name = {f"{variant.kind}/{variant.id}": variant for variant in variants}
    if Kind.CHAFF in kinds:
        wrong += [
            f"rule {rule} catches no chaff: nothing shows that it can fail"
            for rule, caught in kills(results, by_name).items()
            if not caught
        ]
    print(f"stage {stage.id}: {len(variants)} variants in {time.monotonic() - start:.0f} s")
    return wrong


def build(stage: Stage, kinds: list[Kind], isolation: Isolation, out: Path) -> Iterator[Variant]:
    """Build the variants of the wanted kinds below `out`."""
    reference = ROOT / "reference"
    if Kind.WHEAT in kinds:
        yield from wheats(stage, reference, out / "wheat")
    if Kind.CHAFF in kinds:
        yield from chaffs(stage, reference, out / "chaff")
    if Kind.ATTACK in kinds:
        yield from attacks(stage, ATTACKS, reference, isolation.tier, out / "attack")
