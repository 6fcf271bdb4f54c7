"""Claims about stage 5 are held against what the code does."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.stages.scheduler.bench import REFERENCE, part, running

COSTS = {"bursty_first": 1.18, "growing": 26.7}


def checked(changes: dict[str, Any], costs: dict[str, float]) -> dict[str, bool]:
    text = (REFERENCE / "design.toml").read_text(encoding="utf-8")
    claims = {**tomllib.loads(text)["stage5"], **changes}
    with running(REFERENCE) as observe:
        found = part("claims").check_claims(claims, observe, costs)
    return {one.name: one.holds for one in found}


def test_the_reference_claims_what_it_does() -> None:
    assert set(checked({}, COSTS).values()) == {True}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("budget_goes_to", "everybody"),
        ("preempted", "first"),
        ("own_policy_prefers", "first come"),
        ("largest_rate", 99.0),
        ("largest_rate", "147.8"),
        ("predicted_mean_seconds", 1.12),
        ("measured_mean_seconds", 2.63),
        ("preemptions_per_hundred", True),
    ],
)
def test_a_wrong_claim_does_not_hold(name: str, wrong: object) -> None:
    assert [claim for claim, holds in checked({name: wrong}, COSTS).items() if not holds] == [name]


def test_what_was_not_measured_cannot_be_claimed() -> None:
    assert not checked({}, {"growing": 26.7})["bursty_first_token_seconds"]
