"""Every wheat keeps full correctness, every chaff is caught, every attack is contained.

Wheats and chaffs stand on stand-ins here; `make validate` grades wheats on the reference, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from autograder.rubric.load import load_course
from autograder.rubric.model import Stage
from autograder.sandbox.isolation import Isolation, probe
from autograder.source.attacks import load_attacks
from autograder.source.variants import load_chaffs, load_wheats
from autograder.validate.run import grade_all
from autograder.validate.variant import Kind, Variant, attacks, chaffs, wheats
from autograder.validate.variant import tested_rules as rules_decided_by_tests
from autograder.validate.verdict import Graded, blind, mistakes
from tests.selftest.conftest import ROOT

STAGES = load_course(ROOT / "assignments").stages
ATTACKS = ROOT / "tests" / "attacks"
SEED = 7
CASES = [
    *((stage, Kind.WHEAT, wheat.id) for stage in STAGES for wheat in load_wheats(stage)),
    *((stage, Kind.CHAFF, chaff.id) for stage in STAGES for chaff in load_chaffs(stage)),
    *((stage, Kind.ATTACK, one.id) for stage in STAGES for one in load_attacks(ATTACKS, stage)),
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
    assert blind(rules_decided_by_tests(stage), matrices.of(stage.id).values()) == []
