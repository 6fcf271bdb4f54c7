"""`calibrate`: measure the performance anchors of the stages and write anchors.toml.

What this machine has no lane for keeps the anchors that it has, if any.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import ROOT, Refused, Request, grade_submission
from autograder.judge.lanes import lanes_of
from autograder.rubric.load import load_course
from autograder.rubric.model import Axis, Stage
from autograder.scoring.performance import FULL_RATIO, NAIVE_CAP, cost_of
from autograder.source.solutions import anchor_wheats, build_wheat
from autograder.source.variants import build_chaff, load_chaffs

HEAD = """\
# Written by `make calibrate`: costs of the reference, and of the naive solution that the stage
# names, or else of the slowest chaff of group P; capped at {cap:g} times the reference's. A cost is
# a growth, or an amount in the rule's unit.
"""


def main(argv: list[str]) -> int:
    """Measure reference and naive chaffs, and write `anchors.toml` beside each stage.toml."""
    parser = argparse.ArgumentParser(prog="autograder calibrate", description=__doc__)
    parser.add_argument("--stage", type=int, action="append", default=[])
    args = parser.parse_args(argv)
    course = load_course(ROOT / "assignments")
    unknown = set(args.stage) - {stage.id for stage in course.stages}
    if unknown:
        return refuse(Exit.USAGE, f"there is no stage {min(unknown)} in this suite")
    try:
        for stage in course.stages:
            if not args.stage or stage.id in args.stage:
                kept = {rule: (one.reference, one.naive) for rule, one in stage.anchors.items()}
                anchors = {**kept, **measure_anchors(stage)}
                (stage.folder / "anchors.toml").write_text(anchors_text(anchors), encoding="utf-8")
                print(f"stage {stage.id}: {len(anchors)} anchors written")
    except Refused as refused:
        return refuse(Exit.FAULT, str(refused))
    return int(Exit.DONE)


def measure_anchors(stage: Stage) -> Mapping[str, tuple[float, float]]:
    """(reference, naive) cost of every performance rule that this machine can measure.

    Raises:
        Refused: the reference could not be measured.
    """
    reference = _costs(stage, ROOT / "reference")
    lanes = lanes_of([stage])
    wanted = [rule.id for rule in stage.cell(Axis.PERFORMANCE) if not lanes.get(rule.lane)]
    missing = [rule for rule in wanted if rule not in reference]
    if missing:
        raise Refused(f"the reference could not be measured in {missing}: run `make grade` on it")
    slowest, naive = dict(reference), {}
    with tempfile.TemporaryDirectory() as folder:
        for role, wheat in anchor_wheats(stage).items():
            if role == "naive":
                build_wheat(wheat, ROOT / "reference", Path(folder) / wheat.id)
                naive = _costs(stage, Path(folder) / wheat.id)
        for chaff in load_chaffs(stage):
            if chaff.group not in stage.groups:
                out = Path(folder) / chaff.id
                build_chaff(chaff, ROOT / "reference", out)
                for rule, cost in _costs(stage, out).items():
                    slowest[rule] = max(slowest[rule], cost)
    return {rule: _anchor(reference[rule], naive.get(rule, 0.0), slowest[rule]) for rule in wanted}


def _anchor(reference: float, naive: float, slowest: float) -> tuple[float, float]:
    """The reference's cost, and one that earns nothing.

    That is the naive solution's, or the slowest chaff's where the naive solution does well.
    """
    nothing = naive if naive > FULL_RATIO * reference else slowest
    return reference, min(nothing, NAIVE_CAP * reference)


def anchors_text(anchors: Mapping[str, tuple[float, float]]) -> str:
    """The file's text, with three digits: enough for points, and the same on every machine."""
    tables = (
        f'\n["{rule}"]\nreference = {reference:.3g}\nnaive = {naive:.3g}\n'
        for rule, (reference, naive) in anchors.items()
    )
    return HEAD.format(cap=NAIVE_CAP) + "".join(tables)


def _costs(stage: Stage, submission: Path) -> dict[str, float]:
    rules = frozenset(rule.id for rule in stage.cell(Axis.PERFORMANCE))
    with tempfile.TemporaryDirectory() as out:
        request = Request(submission, rules=rules, seed=1, out=Path(out))
        run = grade_submission(request, lambda outcome: None)
    return {score.rule.id: cost_of(score.measured) for score in run.rules() if score.measured}
