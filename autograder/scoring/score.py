"""The score: a pure function of outcomes and rubric. Re-weighting runs nothing again.

Points of a rule = points of its cell x its weight / weights of the cell, where a rule that cannot
be decided here has left its weight to others (`weights`). Exact fractions inside; each cell is
rounded to hundredths once, and totals are sums of rounded cells, so that every report adds up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from autograder.rubric.model import Axis, Course, Rule, Stage
from autograder.scoring.cost import by_cost
from autograder.scoring.outcome import Binding, Cause, Outcome, Status
from autograder.scoring.result import CellScore, RuleScore, StageScore, hundredths
from autograder.scoring.weights import shared_points

ISOLATED = Fraction(8, 10)
INTEGRATED = Fraction(2, 10)
NO_ANCHORS = "no costs are recorded to compare with: shown, and worth no points"

Found = Mapping[tuple[str, Binding], Outcome]


def score_run(
    course: Course,
    stages: Iterable[int],
    outcomes: Iterable[Outcome],
    only: Collection[str] = (),
) -> tuple[StageScore, ...]:
    """Score the stages that a run has graded, in their order.

    Args:
        course: the rubric.
        stages: numbers of the stages.
        outcomes: what the run recorded.
        only: if any, just these rules were asked for: others are left out, gates stand open.
    """
    found = {(outcome.rule, outcome.binding): outcome for outcome in outcomes}
    return tuple(score_stage(course.stage(stage), found, only) for stage in stages)


def score_stage(stage: Stage, found: Found, only: Collection[str] = ()) -> StageScore:
    """Score one stage. A rule without an outcome is a grader fault, not a zero."""
    absent = absent_rules(stage, found)
    cells: list[CellScore] = []
    rules: list[RuleScore] = []
    earned = Fraction(0)
    for axis in Axis:
        asked = [rule for rule in stage.cell(axis) if not only or rule.id in only]
        marked = _marked(stage, axis, found)
        worth = shared_points(stage, axis, marked, absent)
        scores = [
            _absent(rule, found) if rule.id in absent else _score_rule(stage, rule, found, worth)
            for rule in asked
        ]
        possible = sum((one.maximum for one in scores), Fraction(0))
        if axis is Axis.CORRECTNESS and possible:
            open_or_won = (one.points + one.undecided for one in scores)
            earned = sum(open_or_won, Fraction(0)) / possible
        elif not only and earned < Fraction(str(stage.gates.get(axis, 0))):
            scores = [_closed(one, axis, stage.gates[axis]) for one in scores]
        rules += scores
        cells.append(
            CellScore(
                axis=axis,
                score=hundredths(sum((one.points for one in scores), Fraction(0))),
                maximum=stage.cells[axis],
                visible=hundredths(possible),
                undecided=hundredths(sum((one.undecided for one in scores), Fraction(0))),
            )
        )
    return StageScore(stage, tuple(cells), tuple(rules))


def rule_points(stage: Stage, rule: Rule, marked: bool = False) -> Fraction:
    """What a rule is worth where every lane is there that has anchors.

    A rule read by a person is worth nothing until a person marks it.

    Args:
        stage: the rule's stage.
        rule: one of its rules.
        marked: the cell's human rules have been marked.
    """
    return shared_points(stage, rule.axis, marked, unanchored(stage))[rule.id]


def absent_rules(stage: Stage, found: Found) -> frozenset[str]:
    """Rules that a run could not decide, for want of a lane or of anchors."""
    skipped = {rule for (rule, _), one in found.items() if one.status is Status.SKIPPED}
    return frozenset(skipped & {rule.id for rule in stage.rules}) | unanchored(stage)


def unanchored(stage: Stage) -> frozenset[str]:
    """Performance rules whose lane has not been there yet when anchors were measured."""
    rules = stage.cell(Axis.PERFORMANCE)
    return frozenset(one.id for one in rules if one.lane and one.id not in stage.anchors)


def _absent(rule: Rule, found: Found) -> RuleScore:
    """A rule that is worth nothing here, with what was seen of it all the same."""
    outcome = found.get((rule.id, Binding.ISOLATED))
    cause = outcome.cause if outcome else None
    kept = (outcome.seconds, outcome.measured, "", outcome.notes) if outcome else ()
    nothing = Fraction(0), Fraction(0)
    return RuleScore(rule, Status.SKIPPED, *nothing, cause or Cause(NO_ANCHORS, "lane"), *kept)


def _marked(stage: Stage, axis: Axis, found: Found) -> bool:
    people = [one for one in stage.cell(axis) if _waits_for_person(one)]
    return bool(people) and all((one.id, Binding.ISOLATED) in found for one in people)


def _score_rule(stage: Stage, rule: Rule, found: Found, worth: Mapping[str, Fraction]) -> RuleScore:
    maximum = worth[rule.id]
    outcome = found.get((rule.id, Binding.ISOLATED))
    if _waits_for_person(rule) and not maximum:
        return RuleScore(rule, Status.SKIPPED, Fraction(0), Fraction(0))
    if outcome is None:
        fault = Cause("no result was recorded for this rule", "grader")
        return RuleScore(rule, Status.ERROR, Fraction(0), maximum, fault)
    share, flag = outcome.share, ""
    status, cause = outcome.status, outcome.cause
    if rule.axis is Axis.PERFORMANCE and status is Status.PASS:
        share, cause, flag = by_cost(stage, rule, outcome.measured)
        status = Status.PASS if share == 1 else Status.FAIL
    if stage.upstream and rule.axis is Axis.CORRECTNESS:
        integrated = found.get((rule.id, Binding.INTEGRATED))
        if integrated is None or integrated.status is Status.ERROR:
            nothing = Cause("no integrated result was recorded for this rule", "grader")
            status, cause = Status.ERROR, integrated.cause if integrated else nothing
        else:
            share = ISOLATED * share + INTEGRATED * integrated.share
            if status is Status.PASS:
                status, cause = integrated.status, integrated.cause
    points = Fraction(0) if status is Status.ERROR else maximum * share
    kept = outcome.seconds, outcome.measured, flag, outcome.notes
    return RuleScore(rule, status, points, maximum, cause, *kept)


def _closed(score: RuleScore, axis: Axis, gate: float) -> RuleScore:
    if score.status in (Status.ERROR, Status.SKIPPED):
        return score
    text = f"{axis} is graded from {gate:.0%} of the stage's correctness points on"
    return replace(score, status=Status.BLOCKED, points=Fraction(0), cause=Cause(text, "requires"))


def _waits_for_person(rule: Rule) -> bool:
    return rule.check == "human"
