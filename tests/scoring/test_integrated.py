"""A stage above others counts four fifths on its own and one on the student's own stages."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from autograder.rubric.model import Axis
from autograder.scoring.outcome import Binding, Outcome, Status
from tests.scoring.bench import STANDARD, all_pass, fault, outcome, score, stage
from tests.scoring.scored import BASE, one_rule

LATER = stage(STANDARD, upstream=(0,))


def both(rule_id: str, isolated: int, integrated: int | None) -> list[Outcome]:
    found = [outcome(rule_id, isolated)]
    if integrated is not None:
        found.append(outcome(rule_id, integrated, binding=Binding.INTEGRATED))
    return found


def all_both() -> list[Outcome]:
    return [
        *all_pass(LATER),
        *(outcome(one.id, binding=Binding.INTEGRATED) for one in LATER.cell(Axis.CORRECTNESS)),
    ]


@pytest.mark.parametrize(
    ("isolated", "integrated", "share", "status"),
    [
        (1, 1, "1", Status.PASS),
        (1, 0, "4/5", Status.FAIL),
        (0, 1, "1/5", Status.FAIL),
        (0, 0, "0", Status.FAIL),
    ],
)
def test_a_stage_above_others_counts_four_fifths_on_its_own(
    isolated: int, integrated: int, share: str, status: Status
) -> None:
    scored = one_rule(score(LATER, *all_both(), *both("1.4", isolated, integrated)), "1.4")
    assert scored.points == scored.maximum * Fraction(share)
    assert scored.status is status
    assert (scored.cause is None) == (status is Status.PASS)


def test_without_an_integrated_result_a_rule_is_undecided() -> None:
    found = [one for one in all_both() if (one.rule, one.binding) != ("1.4", Binding.INTEGRATED)]
    scored = one_rule(score(LATER, *found), "1.4")
    assert (scored.status, scored.points, scored.undecided) == (
        Status.ERROR,
        0,
        scored.maximum,
    )
    assert scored.cause is not None and scored.cause.kind == "grader"


@pytest.mark.parametrize("binding", list(Binding))
def test_a_fault_under_either_binding_leaves_the_rule_undecided(binding: Binding) -> None:
    scored = one_rule(score(LATER, *all_both(), fault("1.4", binding=binding)), "1.4")
    assert scored.status is Status.ERROR and scored.undecided == scored.maximum


def test_only_correctness_is_integrated() -> None:
    scored = score(LATER, *all_both())
    assert scored.score == 15


def test_a_stage_on_nothing_counts_its_isolated_results_alone() -> None:
    ignored = [replace(one, binding=Binding.INTEGRATED) for one in map(fault, ("1.1", "1.4"))]
    assert score(BASE, *all_pass(BASE), *ignored).score == 15
