"""`calibrate`: measure the performance anchors of the stages and write anchors.toml."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import ROOT, Refused, Request, grade_submission
from autograder.rubric.load import load_course
from autograder.rubric.model import Axis, Stage
from autograder.scoring.performance import NAIVE_CAP, cost_of
from autograder.source.variants import build_chaff, load_chaffs

HEAD = """\
# Written by `make calibrate`: costs of the reference, and of the slowest chaff of group P,
# capped at {cap:g} times the reference's. A cost is a growth, or an amount in the rule's unit.
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
                anchors = measure_anchors(stage)
                (stage.folder / "anchors.toml").write_text(anchors_text(anchors), encoding="utf-8")
                print(f"stage {stage.id}: {len(anchors)} anchors written")
    except Refused as refused:
        return refuse(Exit.FAULT, str(refused))
    return int(Exit.DONE)


def measure_anchors(stage: Stage) -> Mapping[str, tuple[float, float]]:
    """(reference, naive) cost of every performance rule.

    Raises:
        Refused: the reference could not be measured.
    """
    reference = _costs(stage, ROOT / "reference")
    naive = dict(reference)
    with tempfile.TemporaryDirectory() as folder:
        for chaff in load_chaffs(stage):
            if chaff.group not in stage.groups:
                out = Path(folder) / chaff.id
                build_chaff(chaff, ROOT / "reference", out)
                for rule, cost in _costs(stage, out).items():
                    naive[rule] = max(naive[rule], cost)
    missing = [rule.id for rule in stage.cell(Axis.PERFORMANCE) if rule.id not in reference]
    if missing:
        raise Refused(f"the reference could not be measured in {missing}: run `make grade` on it")
    return {rule: (cost, min(naive[rule], NAIVE_CAP * cost)) for rule, cost in reference.items()}


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
