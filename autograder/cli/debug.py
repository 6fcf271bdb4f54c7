"""`debug`: run one rule in this process: prints show and `breakpoint()` works. Decides nothing."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import ROOT, SEED_BITS
from autograder.judge.local import LocalSession
from autograder.judge.run_rules import run_rules
from autograder.judge.staging import NothingToGrade, stage_files
from autograder.report.failure import failure
from autograder.report.glyphs import style_for
from autograder.rubric.load import load_course
from autograder.rubric.model import Axis, RubricError
from autograder.scoring.outcome import Outcome, Status
from autograder.scoring.result import RuleScore
from autograder.scoring.score import rule_points
from autograder.source.given import given_dir


def main(argv: list[str]) -> int:
    """Run the rule without limits and explain what happened."""
    parser = argparse.ArgumentParser(prog="autograder debug", description=__doc__)
    parser.add_argument("rule", help="such as 1.3; a rule with a test")
    parser.add_argument("--submission", type=Path, default=Path("."))
    parser.add_argument("--seed", type=int, default=secrets.randbits(SEED_BITS))
    args = parser.parse_args(argv)
    try:
        course = load_course(ROOT / "assignments")
        rule = course.rule(args.rule)
    except (KeyError, RubricError):
        return refuse(Exit.USAGE, f"there is no rule {args.rule!r}; all rules are in rubric.md")
    if rule.axis is not Axis.CORRECTNESS:
        return refuse(
            Exit.USAGE, f"rule {rule.id} has no test to debug; try make check R={rule.id}"
        )
    stage = course.stage(rule.stage)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            staged = stage_files(stage, args.submission, given_dir(ROOT), Path(folder))
        except NothingToGrade as nothing:
            return refuse(Exit.NOTHING_TO_GRADE, f"{nothing}; name another with SUBMISSION=dir")
        with LocalSession(stage, staged, args.submission.resolve(), args.seed) as session:
            try:
                run_rules(session, {rule.id}, outcomes.append)
            except KeyboardInterrupt:
                print("You left before the rule was decided.")
                return int(Exit.DONE)
    return _report(
        RuleScore(
            rule, outcomes[0].status, outcomes[0].share, rule_points(stage, rule), outcomes[0].cause
        ),
        args.seed,
    )


def _report(score: RuleScore, seed: int) -> int:
    style = style_for(sys.stdout.encoding, sys.stdout.isatty(), "NO_COLOR" in os.environ)
    if score.status is Status.PASS:
        print(f"{style.sign(score.status)} {score.rule.id}  {score.rule.title}")
    else:
        print("\n".join(failure(score, style, seed, "Debug")))
    if score.undecided:
        return int(Exit.FAULT)
    return int(Exit.DONE if score.status is Status.PASS else Exit.BELOW_BAR)
