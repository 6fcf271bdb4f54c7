"""Every wheat keeps full correctness, every chaff is caught, every attack is contained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.rubric.load import load_course
from autograder.rubric.model import Course
from autograder.sandbox.isolation import Isolation, probe
from autograder.source.variants import load_chaffs, load_wheats
from autograder.validate.run import grade_all
from autograder.validate.variant import Kind, Variant, attacks, chaffs, wheats
from autograder.validate.verdict import Graded, kills, mistakes
from tests.selftest.conftest import ROOT

STAGE = load_course(ROOT / "assignments").stage(1)
ATTACKS = ROOT / "tests" / "attacks"
SEED = 7

pytestmark = pytest.mark.timeout(1200)

Matrix = Mapping[tuple[Kind, str], tuple[Variant, Mapping[str, Graded]]]


@pytest.fixture(scope="session")
def matrix(course: Course, isolation: Isolation, scratch: Path) -> Matrix:
    """Every variant's results by rule. Graded once: this is the long part of the self-test."""
    reference = ROOT / "reference"
    variants = [
        *wheats(STAGE, reference, scratch / "wheat"),
        *chaffs(STAGE, reference, scratch / "chaff"),
        *attacks(STAGE, ATTACKS, reference, isolation.tier, scratch / "attack"),
    ]
    graded = grade_all(ROOT, 1, variants, isolation, SEED)
    return {(variant.kind, variant.id): (variant, result) for variant, result in graded}


def assert_right(matrix: Matrix, kind: Kind, name: str) -> None:
    variant, graded = matrix[kind, name]
    assert mistakes(variant, graded) == []


@pytest.mark.parametrize("name", [wheat.id for wheat in load_wheats(STAGE)])
def test_a_wheat_keeps_full_correctness(matrix: Matrix, name: str) -> None:
    assert_right(matrix, Kind.WHEAT, name)


@pytest.mark.parametrize("name", [chaff.id for chaff in load_chaffs(STAGE)])
def test_a_chaff_loses_points_in_its_own_group(matrix: Matrix, name: str) -> None:
    assert_right(matrix, Kind.CHAFF, name)


@pytest.mark.parametrize("name", sorted(file.parent.name for file in ATTACKS.glob("*/attack.toml")))
def test_an_attack_loses_what_it_breaks_and_no_other_rule(matrix: Matrix, name: str) -> None:
    if (Kind.ATTACK, name) not in matrix:
        pytest.skip(f"not promised on this machine's isolation: {probe().tier}")
    assert_right(matrix, Kind.ATTACK, name)


def test_every_tested_rule_catches_a_chaff(matrix: Matrix) -> None:
    variants = {f"{kind}/{name}": variant for (kind, name), (variant, _) in matrix.items()}
    results = {f"{kind}/{name}": graded for (kind, name), (_, graded) in matrix.items()}
    blind = [rule for rule, caught in kills(results, variants).items() if not caught]
    assert blind == []
