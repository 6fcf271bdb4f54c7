"""Every wheat keeps full correctness, every chaff is caught, every attack is contained.

Wheats and chaffs stand on stand-ins here, and of the stages that take long only so many are
graded that every rule is shown to bite. `make validate` grades all, wheats on the reference, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from autograder.cli.validate import not_here
from autograder.rubric.load import load_course
from autograder.rubric.model import Stage
from autograder.sandbox.isolation import Isolation, probe
from autograder.source.attacks import load_attacks
from autograder.source.solutions import load_wheats
from autograder.source.variants import load_chaffs
from autograder.validate.run import grade_all
from autograder.validate.variant import Kind, Variant, attacks, chaffs, wheats
from autograder.validate.variant import tested_rules as rules_decided_by_tests
from autograder.validate.verdict import Graded, blind, mistakes
from tests.selftest.conftest import ROOT
from tests.selftest.some import COVERED

STAGES = load_course(ROOT / "assignments").stages
ATTACKS = ROOT / "tests" / "attacks"
SEED = 7
FEW = 2
"""Wheats of a long stage that are graded."""
ONE_OF = 11
"""Attacks on a long stage of which one is graded; tests of the stage have all of them tried."""


def tried(stage: Stage) -> set[str]:
    """Ids of what to grade: a little of a long stage, with a chaff for every rule."""
    wheats, chaffs = load_wheats(stage), load_chaffs(stage)
    hostile = load_attacks(ATTACKS, stage)
    if stage.id not in COVERED:
        return {one.id for one in (*wheats, *chaffs, *hostile)}
    chosen, caught = {one.id for one in (*wheats[:FEW], *hostile[::ONE_OF])}, set[str]()
    for chaff in chaffs:
        if not caught.issuperset(chaff.caught_by):
            chosen.add(chaff.id)
            caught.update(chaff.caught_by)
    return chosen


TRIED = {stage.id: tried(stage) for stage in STAGES}
CASES = [
    *((s, Kind.WHEAT, one.id) for s in STAGES for one in load_wheats(s) if one.id in TRIED[s.id]),
    *((s, Kind.CHAFF, one.id) for s in STAGES for one in load_chaffs(s) if one.id in TRIED[s.id]),
    *(
        (s, Kind.ATTACK, one.id)
        for s in STAGES
        for one in load_attacks(ATTACKS, s)
        if one.id in TRIED[s.id]
    ),
]

pytestmark = pytest.mark.timeout(1200)

Matrix = Mapping[tuple[Kind, str], tuple[Variant, Mapping[str, Graded]]]


class Matrices:
    """Every variant's results by rule. Graded once a stage: the long part of the self-test."""

    def __init__(self, isolation: Isolation, scratch: Path) -> None:
        self._isolation = isolation
        self._scratch = scratch

    @cache  # noqa: B019 - lives as long as the session
    def of(self, stage_id: int) -> Matrix:
        """The matrix of one stage."""
        (stage,) = (one for one in STAGES if one.id == stage_id)
        reference, out = ROOT / "reference", self._scratch / f"variants-{stage_id}"
        variants = [
            *wheats(stage, reference, out / "wheat", integrated=False),
            *chaffs(stage, reference, out / "chaff"),
            *attacks(stage, ATTACKS, reference, self._isolation.tier, out / "attack"),
        ]
        variants = [one for one in variants if one.id in TRIED[stage_id]]
        graded = grade_all(ROOT, stage_id, variants, self._isolation, SEED)
        return {(variant.kind, variant.id): (variant, result) for variant, result in graded}


@pytest.fixture(scope="session")
def matrices(isolation: Isolation, scratch: Path) -> Matrices:
    return Matrices(isolation, scratch)


@pytest.mark.parametrize(
    ("stage", "kind", "name"), CASES, ids=[f"{s.id}-{kind}-{name}" for s, kind, name in CASES]
)
def test_the_grader_is_right_about_every_wheat_chaff_and_attack(
    matrices: Matrices, stage: Stage, kind: Kind, name: str
) -> None:
    matrix = matrices.of(stage.id)
    if (kind, name) not in matrix:
        pytest.skip(f"not promised on this machine's isolation: {probe().tier}")
    variant, graded = matrix[kind, name]
    assert mistakes(variant, graded) == []


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.folder.name)
def test_every_tested_rule_catches_a_chaff(matrices: Matrices, stage: Stage) -> None:
    rules = rules_decided_by_tests(stage) - not_here(stage)
    assert blind(rules, matrices.of(stage.id).values()) == []
