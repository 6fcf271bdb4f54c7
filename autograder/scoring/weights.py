"""How the rules of a cell share its points, on machines that cannot decide all of them. Pure.

A rule whose lane is not there keeps nothing: its weight goes to the rules that it names in
`instead`, for they ask for the same; to the whole cell if none of them can be decided either. What
is left is shared by weight. So the points of a cell are the same on every machine, and a rule that
cannot be decided neither gives nor costs any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction

from autograder.rubric.model import Axis, Rule, Stage
from autograder.scoring.outcome import Cause, Outcome, Status


def shared_points(
    stage: Stage, axis: Axis, marked: bool = False, absent: Collection[str] = ()
) -> Mapping[str, Fraction]:
    """What each rule of a cell is worth, by id; 0 for those that decide nothing.

    Args:
        stage: the cell's stage.
        axis: the cell's.
        marked: a person has marked the rules that wait for one: they are worth something.
        absent: rules that cannot be decided on this machine.
    """
    rules = [one for one in stage.cell(axis) if marked or one.check != "human"]
    here = {one.id: one for one in rules if one.id not in absent}
    hidden = stage.hidden_weight.get(axis, 0)
    weights = {name: Fraction(one.weight) for name, one in here.items()}
    for rule in rules:
        if rule.id in absent:
            for name, part in _left_by(rule, here, hidden).items():
                weights[name] += part
    total = sum(one.weight for one in rules) + hidden
    points = {name: stage.cells[axis] * weight / total for name, weight in weights.items()}
    return {rule.id: points.get(rule.id, Fraction(0)) for rule in stage.cell(axis)}


def with_lanes(
    stages: Iterable[Stage], outcomes: Iterable[Outcome], only: Collection[str]
) -> Iterator[Outcome]:
    """The outcomes of a machine that has some of the lanes alone."""
    lane_of = {rule.id: rule.lane for stage in stages for rule in stage.rules}
    for one in outcomes:
        lane = lane_of.get(one.rule, "")
        if lane and lane not in only:
            cause = Cause(f"the lane {lane} is not here", "lane")
            one = Outcome(one.rule, Status.SKIPPED, binding=one.binding, cause=cause)
        yield one


def _left_by(rule: Rule, here: Mapping[str, Rule], hidden: int) -> dict[str, Fraction]:
    """How an absent rule's weight is divided among the rules that can be decided, by weight."""
    named = [here[name] for name in rule.instead if name in here]
    heirs = named or list(here.values())
    total = sum(one.weight for one in heirs) + (0 if named else hidden)
    return {one.id: Fraction(rule.weight * one.weight, total) for one in heirs}
