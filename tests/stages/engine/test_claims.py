"""Claims about stage 7 are held against what the code does."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.stages.engine.bench import REFERENCE, part, running

COSTS = {"logits": 1.0, "kernels": 14.0}


def checked(changes: dict[str, Any], costs: dict[str, float]) -> dict[str, bool]:
    text = (REFERENCE / "design.toml").read_text(encoding="utf-8")
    claims = {**tomllib.loads(text)["stage7"], **changes}
    with running(REFERENCE) as observe:
        found = part("claims").check_claims(claims, observe, costs)
    return {one.name: one.holds for one in found}


def test_the_reference_claims_what_it_does() -> None:
    assert set(checked({}, COSTS).values()) == {True}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("passes_of_one", 9),
        ("longest_prompt", 19),
        ("longest_prompt", "20"),
        ("abort_frees", "in the next step"),
        ("rows_scored_a_token", True),
        ("kernels_a_decode_step", 40),
    ],
)
def test_a_wrong_claim_does_not_hold(name: str, wrong: object) -> None:
    assert [claim for claim, holds in checked({name: wrong}, COSTS).items() if not holds] == [name]


def test_what_was_not_measured_cannot_be_claimed() -> None:
    assert not checked({}, {"logits": 1.0})["kernels_a_decode_step"]
