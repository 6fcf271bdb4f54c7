"""`check`: decide a few rules of one submission and explain every failure."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import ROOT, Refused, Request, Unfit, grade_submission
from autograder.cli.progress import Progress
from autograder.judge.staging import NothingToGrade
from autograder.report.failure import failure, wrapped_note
from autograder.report.glyphs import WORDS, style_for
from autograder.report.run import Run
from autograder.rubric.load import load_course
from autograder.rubric.model import RubricError
from autograder.scoring.outcome import Status
from autograder.scoring.result import RuleScore


def main(argv: list[str]) -> int:
    """Check the named rules. 0 if all pass, 1 if not; see `Exit` for the rest."""
    parser = argparse.ArgumentParser(prog="autograder check", description=__doc__)
    parser.add_argument("rules", nargs="+", help="such as 1.3, or a group or stage: 1.P, 1")
    parser.add_argument("--submission", type=Path, default=Path("."))
    parser.add_argument("--seed", type=int)
    args = parser.parse_args(argv)
    try:
        wanted = wanted_rules(args.rules)
        needed = with_required(wanted)
        with tempfile.TemporaryDirectory() as out:
            request = Request(args.submission, rules=needed, seed=args.seed, out=Path(out))
            with Progress(sys.stderr) as progress:
                run = grade_submission(request, progress.step)
    except (Unfit, RubricError) as error:
        return refuse(Exit.FAULT, str(error))
    except Refused as error:
        return refuse(Exit.USAGE, str(error))
    except NothingToGrade as nothing:
        return refuse(Exit.NOTHING_TO_GRADE, f"{nothing}; name another with SUBMISSION=dir")
    return _report(run, wanted)


def wanted_rules(names: list[str]) -> frozenset[str]:
    """Rule ids for what a person types: an id, or the beginning of several.

    Raises:
        Refused: nothing fits; names the nearest ids.
    """
    course = load_course(ROOT / "assignments")
    rules = [rule for stage in course.stages for rule in stage.rules]
    known = [rule.id for rule in rules if rule.check != "human"]
    read_by_people = [rule.id for rule in rules if rule.check == "human"]
    wanted: set[str] = set()
    for name in names:
        exact = {rule for rule in known if rule == name}
        begun = {rule for rule in known if rule.startswith(name) and name}
        if not exact and not begun:
            raise Refused(_unknown(name, read_by_people))
        wanted |= exact or begun
    return frozenset(wanted)


def _unknown(name: str, read_by_people: list[str]) -> str:
    if not name:
        return "say which rule: make check R=1.2, or R=1.P for several; all are in rubric.md"
    if name in read_by_people:
        return f"rule {name} is read by a person; there is nothing to run"
    return f"there is no rule {name!r}; try R=1.2, or R=1.P for several; all are in rubric.md"


def with_required(rules: frozenset[str]) -> frozenset[str]:
    """The rules and all that they require, directly or not."""
    course = load_course(ROOT / "assignments")
    needed = set(rules)
    waiting = list(rules)
    while waiting:
        for rule in course.rule(waiting.pop()).requires:
            if rule not in needed:
                needed.add(rule)
                waiting.append(rule)
    return frozenset(needed)


def noted(score: RuleScore) -> list[str]:
    """What was counted, and what a rule says of itself, whatever its verdict."""
    notes = list(score.notes)
    amount = (score.measured or {}).get("amount")
    if amount is not None and not notes:
        notes.append(f"{amount:,g} {score.rule.unit}")
    return [part for note in notes for part in wrapped_note("note", note)]


def _report(run: Run, wanted: frozenset[str]) -> int:
    style = style_for(sys.stdout.encoding, sys.stdout.isatty(), "NO_COLOR" in os.environ)
    failed = False
    for score in run.rules():
        if score.rule.id not in wanted:
            continue
        if score.status is Status.PASS:
            print(
                "\n".join(
                    [
                        f"{style.sign(score.status)} {score.rule.id}  {score.rule.title}",
                        *noted(score),
                    ]
                )
            )
            continue
        failed = failed or score.status is not Status.SKIPPED
        if score.status in (Status.NOT_ATTEMPTED, Status.SKIPPED) and score.cause:
            print(f"{style.sign(score.status)} {score.rule.id}  {score.rule.title}")
            print(f"     {WORDS[score.status]}: {score.cause.summary}")
        else:
            told = failure(score, style, run.header.seed, WORDS[score.status])
            print("\n".join([*told, *noted(score)]))
            print()
    if any(score.undecided for score in run.rules() if score.rule.id in wanted):
        return int(Exit.FAULT)
    return int(Exit.BELOW_BAR if failed else Exit.DONE)
