"""`validate`: prove the suite on submissions whose verdict is known."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import ROOT
from autograder.judge.lanes import lanes_of
from autograder.rubric.load import load_course
from autograder.rubric.model import Stage
from autograder.sandbox.isolation import Isolation, probe
from autograder.scoring.score import unanchored
from autograder.validate.run import grade_all
from autograder.validate.variant import Kind, Variant, attacks, chaffs, tested_rules, wheats
from autograder.validate.verdict import Graded, blind, by_lane, mistakes

ATTACKS = ROOT / "tests" / "attacks"


def main(argv: list[str]) -> int:
    """Grade every wheat, chaff and attack. 0 if the grader is right about all, 1 if not."""
    parser = argparse.ArgumentParser(prog="autograder validate", description=__doc__)
    parser.add_argument("--stage", type=int, action="append", default=[])
    parser.add_argument("--kind", choices=list(Kind), action="append", default=[])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--every-rule", action="store_true", help="say what else a chaff loses; takes much longer"
    )
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
            proof = Proof(stage, kinds, args.every_rule, isolation)
            wrong += validate_stage(proof, args.seed)
    for line in wrong:
        print(f"WRONG  {line}")
    print(f"{len(wrong)} mistakes of the grader" if wrong else "the grader is right about all")
    return int(Exit.BELOW_BAR if wrong else Exit.DONE)


@dataclass(frozen=True)
class Proof:
    """What is graded to prove one stage.

    Attributes:
        stage: the stage.
        kinds: of variants.
        every_rule: grade chaffs by rules that need not catch them, too.
        isolation: of the workers.
    """

    stage: Stage
    kinds: list[Kind]
    every_rule: bool
    isolation: Isolation

    def build(self, out: Path) -> Iterator[Variant]:
        """Build the variants below `out`."""
        reference = ROOT / "reference"
        if Kind.WHEAT in self.kinds:
            yield from wheats(self.stage, reference, out / "wheat", costs=True)
        if Kind.CHAFF in self.kinds:
            yield from chaffs(self.stage, reference, out / "chaff", self.every_rule)
        if Kind.ATTACK in self.kinds:
            tier = self.isolation.tier
            yield from attacks(self.stage, ATTACKS, reference, tier, out / "attack")


def not_here(stage: Stage) -> frozenset[str]:
    """Tested rules whose lane this machine has not, or that have no anchors."""
    lanes = lanes_of([stage])
    absent = {rule.id for rule in stage.rules if lanes.get(rule.lane)}
    return frozenset(absent) | unanchored(stage)


def validate_stage(proof: Proof, seed: int) -> list[str]:
    """Grade the variants of one stage, printing a line each; give the grader's mistakes."""
    start, wrong, stage = time.monotonic(), [], proof.stage
    results: list[tuple[Variant, dict[str, Graded]]] = []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        variants = list(proof.build(Path(folder)))
        for variant, graded in grade_all(ROOT, stage.id, variants, proof.isolation, seed):
            found = mistakes(variant, graded)
            results.append((variant, graded))
            lost = _lost(graded)
            sign = "WRONG" if found else "ok"
            print(f"{sign:<6} {variant.kind:<7} {variant.id:<28} loses {lost}", flush=True)
            wrong += found
    if Kind.CHAFF in proof.kinds:
        wrong += [
            f"rule {rule} catches no chaff: nothing shows that it can fail"
            for rule in blind(tested_rules(stage) - not_here(stage), results)
        ]
        for rule in sorted(not_here(stage)):
            print(f"rule {rule} cannot be decided here: nothing is proven of it")
    for line in _lanes(results):
        print(line)
    print(f"stage {stage.id}: {len(variants)} variants in {time.monotonic() - start:.0f} s")
    return wrong


def _lost(graded: Mapping[str, Graded]) -> str:
    """The rules that were lost, by the lane that saw it if there are several."""
    lanes = {lane: " ".join(rules) for lane, rules in by_lane(graded).items()}
    shown = [f"{lane}: {rules}" if lane else rules for lane, rules in lanes.items()]
    return "; ".join(shown) or "-"


def _lanes(results: list[tuple[Variant, dict[str, Graded]]]) -> Iterator[str]:
    """For each lane of a stage that has some: how many chaffs it caught, and how many it alone."""
    caught = [
        {lane for lane in by_lane(graded) if lane}
        for variant, graded in results
        if variant.kind is Kind.CHAFF
    ]
    for lane in sorted(set().union(*caught)):
        alone = sum(lanes == {lane} for lanes in caught)
        total = sum(lane in lanes for lanes in caught)
        yield f"lane {lane}: catches {total} of {len(caught)} chaffs, {alone} of them alone"
