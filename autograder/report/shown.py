"""What students may read of a rule wherever a result is published."""

from __future__ import annotations

from autograder.scoring.result import RuleScore


def shown(one: RuleScore, number: int) -> str:
    """A visible rule's id and title; a hidden one has neither, before publication or after."""
    rule = one.rule
    return f"{rule.id} {rule.title}" if rule.visible else f"hidden rule {number}, {rule.axis}"
