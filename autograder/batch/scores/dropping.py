"""Leave rules out of a score, by policy. The logs stay as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from fractions import Fraction

from autograder.batch.scores.policy import Dropped, PolicyError
from autograder.rubric.model import Course, Stage
from autograder.scoring.outcome import Binding, Outcome, Status


def without(course: Course, dropped: Collection[Dropped]) -> Course:
    """The rubric without the rules that nobody gets: the others of their cells share the points.

    Raises:
        PolicyError: there is no such rule, or it is the last one of its cell.
    """
    nobody = {one.rule for one in dropped if not one.everyone}
    for one in dropped:
        try:
            course.rule(one.rule)
        except KeyError:
            raise PolicyError(f"dropped: there is no rule {one.rule!r}") from None
    return replace(course, stages=tuple(_stage(stage, nobody) for stage in course.stages))


def _stage(stage: Stage, nobody: Collection[str]) -> Stage:
    kept = replace(stage, rules=tuple(rule for rule in stage.rules if rule.id not in nobody))
    for rule in stage.rules:
        others = [one for one in kept.cell(rule.axis) if one.check != "human"]
        if rule.id in nobody and not others:
            raise PolicyError(f"dropped: {rule.id} is the last rule of its cell")
    return kept


def with_gifts(
    course: Course, outcomes: Iterable[Outcome], dropped: Collection[Dropped]
) -> list[Outcome]:
    """The outcomes, those of rules that everybody gets replaced by full marks."""
    gifts = {one.rule for one in dropped if one.everyone}
    kept = [outcome for outcome in outcomes if outcome.rule not in gifts]
    for rule_id in sorted(gifts):
        rule = course.rule(rule_id)
        stage = course.stage(rule.stage)
        anchor = stage.anchors.get(rule_id)
        measured = {"amount": anchor.reference} if anchor else {}
        for binding in Binding:
            if binding is Binding.ISOLATED or stage.upstream:
                gift = Outcome(rule_id, Status.PASS, Fraction(1), binding, measured=measured)
                kept.append(gift)
    return kept
