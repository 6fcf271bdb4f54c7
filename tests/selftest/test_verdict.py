"""What `make validate` says of a variant once it has been graded."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from autograder.scoring.outcome import Status
from autograder.validate.variant import Kind, Variant
from autograder.validate.verdict import Graded, mistakes

RULES = frozenset(("1.1", "1.P1"))
KEPT, LOST = (Graded(Status.PASS, Fraction(part)) for part in (0, 1))


def variant(kind: Kind, **known: frozenset[str]) -> Variant:
    return Variant("one", kind, Path("one"), RULES, **known)


def test_a_right_solution_may_be_slow_and_loses_nothing_else() -> None:
    wheat = variant(Kind.WHEAT, may_lose=frozenset(("1.P1",)))
    assert mistakes(wheat, {"1.1": KEPT, "1.P1": LOST}) == []
    assert len(mistakes(wheat, {"1.1": LOST, "1.P1": KEPT})) == 1


@pytest.mark.parametrize("kind, wrong", [(Kind.WHEAT, 1), (Kind.CHAFF, 0)])
def test_only_a_right_solution_proves_that_its_cost_is_possible(kind: Kind, wrong: int) -> None:
    flagged = Graded(Status.PASS, Fraction(0), flag="cheaper than can be")
    assert len(mistakes(variant(kind), {"1.P1": flagged})) == wrong


def test_a_chaff_must_lose_the_rules_that_it_names() -> None:
    chaff = variant(Kind.CHAFF, lost=frozenset(("1.1",)), may_lose=RULES)
    assert mistakes(chaff, {"1.1": LOST, "1.P1": LOST}) == []
    assert len(mistakes(chaff, {"1.1": KEPT, "1.P1": LOST})) == 1


def test_a_fault_of_the_grader_is_a_mistake_whatever_was_to_be_lost() -> None:
    attack = variant(Kind.ATTACK, lost=frozenset(("1.1",)))
    assert len(mistakes(attack, {"1.1": Graded(Status.ERROR, Fraction(1))})) == 1
