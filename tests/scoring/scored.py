"""Where in a score a test looks."""

from __future__ import annotations

from autograder.rubric.model import Axis
from autograder.scoring.result import CellScore, RuleScore, StageScore
from tests.scoring.bench import STANDARD, stage

BASE = stage(STANDARD)


def cell(scored: StageScore, axis: Axis) -> CellScore:
    return next(one for one in scored.cells if one.axis is axis)


def one_rule(scored: StageScore, rule_id: str) -> RuleScore:
    return next(one for one in scored.rules if one.rule.id == rule_id)
