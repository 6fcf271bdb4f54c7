"""Claims about stage 2 are held against what the code does."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.stages.block_table.bench import REFERENCE, part, running

MEASURED = {"append": 1.0, "lookup": 1.0, "rows": 1.0}


def checked(changes: dict[str, Any], measured: dict[str, float]) -> dict[str, bool]:
    """Whether each claim of the reference's design.toml holds, with some of them changed."""
    text = (REFERENCE / "design.toml").read_text(encoding="utf-8")
    claims = {**tomllib.loads(text)["stage2"], **changes}
    with running(REFERENCE) as observe:
        return {
            one.name: one.holds for one in part("claims").check_claims(claims, observe, measured)
        }


def test_the_reference_claims_what_it_does() -> None:
    assert set(checked({}, MEASURED).values()) == {True}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("shared_tail", "other"),
        ("full_prompt_hit", 63),
        ("full_prompt_hit", "48"),
        ("blocks_for_1000_tokens", 62),
    ],
)
def test_a_wrong_claim_does_not_hold(name: str, wrong: object) -> None:
    found = checked({name: wrong}, MEASURED)
    assert [claim for claim, holds in found.items() if not holds] == [name]


def test_complexity_is_what_was_measured() -> None:
    assert not checked({}, {**MEASURED, "append": 60.0})["complexity.allocate_slots"]
    assert not checked({}, {"append": 1.0, "rows": 1.0})["complexity.get_computed_blocks"]
    honest = {"complexity": {"append_row": "O(n)"}}
    assert checked(honest, {**MEASURED, "rows": 60.0})["complexity.append_row"]
