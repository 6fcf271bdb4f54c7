"""One change to the reference breaks one rule, by what it is, where it is; the tools really run."""

from __future__ import annotations

from fractions import Fraction

import pytest

from autograder.scoring.outcome import Status

from .conftest import Judge, codes, edited

POOL, HASH, PARTS = "block_pool.py", "block_hash.py", "kv_cache_utils.py"
KEEP = '"""Hand on what was given, unchanged."""'
TANGLED = "\n".join(f"    if n == {n}:\n        return {n}" for n in range(10))


def helper(line: str) -> dict[str, str | None]:
    """The reference with one more line at the end of block_hash.py, all in order otherwise."""
    return edited(HASH, "    # END SOLUTION\n", f"    # END SOLUTION\n\n\n{line}\n")


@pytest.mark.parametrize(
    ("check", "code", "share", "changed"),
    [
        # format: one of three files, in one of two halves
        ("format", "black", Fraction(5, 6), edited(POOL, "block.ref_cnt = 1", "block.ref_cnt  = 1")),
        ("format", "E711", Fraction(5, 6), edited(POOL, "block_hash is None", "block_hash == None")),
        ("format", "F401", Fraction(5, 6), edited(HASH, "import hashlib", "import copy\nimport hashlib")),
        ("format", "B006", Fraction(5, 6), helper(f"def f(x: list[int] = []) -> int:\n    {KEEP}\n    return x[0]")),
        ("format", "UP035", Fraction(5, 6), edited(HASH, "from collections.abc import", "from typing import")),
        # types: one public item in nineteen, or one file in three where it is nobody's
        ("types", "mypy[return-value]", Fraction(75 * 18 + 25 * 19, 1900),
         edited(POOL, "def get_usage(self) -> float", "def get_usage(self) -> bytes")),
        ("types", "mypy[no-untyped-def]", Fraction(75 * 18 + 25 * 19, 1900),
         edited(POOL, "def reset_prefix_cache(self) -> bool:", "def reset_prefix_cache(self):")),
        ("types", "mypy[return-value]", Fraction(11, 12), helper("def _f() -> int:\n    return b''")),
        # docstrings: one item in nineteen, or in one more
        ("docstrings", "DOC103", Fraction(18, 19), edited(POOL, "            block_hash: the hash to look for.", "            key: the hash to look for.")),
        ("docstrings", "DOC201", Fraction(18, 19), edited(HASH, "    Returns:\n        A digest", "    Notes:\n        A digest")),
        ("docstrings", "raises", Fraction(18, 19), edited(POOL, "            OutOfBlocks: fewer blocks are free", "            Error: fewer blocks are free")),
        ("docstrings", "units", Fraction(18, 19), edited(POOL, "Share of the usable blocks in use, 0.0 ... 1.0; 0.0 for", "How full the whole pool is just now, also for")),
        ("docstrings", "docstring", Fraction(18, 19), edited(PARTS, '"""Take the block at the head, in O(1).', '"""Pops.')),
        ("docstrings", "docstring", Fraction(19, 20), helper("def give() -> int:\n    return 1")),
        ("docstrings", "DOC103", Fraction(19, 20), helper('def _f(a: int) -> int:\n    """Double it, and say so.\n\n    Args:\n        b: what to double.\n\n    Returns:\n        Twice as much.\n    """' + "\n    a += 1" * 11 + "\n    return a")),
        # structure: one kind in six
        ("structure", "C901", Fraction(5, 6), helper(f"def _f(n: int) -> int:\n    {KEEP}\n{TANGLED}\n    return n")),
    ],
)  # fmt: skip
def test_one_defect_breaks_one_rule(
    judge: Judge, check: str, code: str, share: Fraction, changed: dict[str, str | None]
) -> None:
    outcomes = judge(changed)
    broken = {name for name, outcome in outcomes.items() if outcome.status is not Status.PASS}
    assert broken == {check}
    outcome = outcomes[check]
    assert (outcome.status, codes(outcome), outcome.share) == (Status.FAIL, {code}, share)
    assert outcome.cause is not None and outcome.cause.kind == "finding"
    assert outcome.cause.place.split(":")[0] in changed


def test_explicit_any_is_found_behind_another_name(judge: Judge) -> None:
    changed = edited(HASH, "BlockHash = bytes", "BlockHash = Any")
    text = changed[HASH] or ""
    types = judge(
        {HASH: text.replace("import Sequence\n", "import Sequence\nfrom typing import Any\n")}
    )["types"]
    assert types.cause is not None
    notes = "\n".join(types.cause.notes)
    assert "block_hash.py:13 mypy[explicit-any]" in notes
    assert "block_pool.py:193 mypy[explicit-any] BlockHash stands for Any" in notes
    assert types.share < Fraction(3, 4)


def test_a_missing_public_method_is_wrong_in_types_and_docstrings_alone(judge: Judge) -> None:
    outcomes = judge(edited(POOL, "def get_usage(", "def usage_of("))
    assert {name for name, outcome in outcomes.items() if outcome.share < 1} == {
        "types",
        "docstrings",
    }
    assert codes(outcomes["types"]) == {"missing"}


def test_silencing_works_within_the_budget_and_not_beyond(judge: Judge) -> None:
    text = edited(POOL, "block.ref_cnt = 1", "block.ref_cnt  =  1  # fmt: skip")[POOL] or ""
    text = text.replace("-> float:", "-> bytes:").replace(
        "if usable else 0.0", "if usable else 0.0  # type: ignore[return-value]"
    )
    assert {outcome.status for outcome in judge({POOL: text}).values()} == {Status.PASS}


def test_beyond_the_budget_nothing_is_silenced(judge: Judge) -> None:
    text = edited(POOL, "block.ref_cnt = 1", "block.ref_cnt  =  1  # fmt: skip")[POOL] or ""
    outcomes = judge({POOL: text + "# noqa\n# noqa\n# noqa\n"})
    assert codes(outcomes["structure"]) == {"suppression"}
    assert codes(outcomes["format"]) == {"black"}


@pytest.mark.parametrize(
    "switch", ["# mypy: ignore-errors", "# type: ignore", "# ruff: noqa", "# fmt: off"]
)
def test_no_switch_for_a_whole_file_has_an_effect(judge: Judge, switch: str) -> None:
    text = edited(POOL, "block.ref_cnt = 1", "block.ref_cnt  = None")[POOL] or ""
    outcomes = judge({POOL: f"{switch}\n{text}"})
    assert outcomes["format"].share < 1
    assert outcomes["types"].share < 1
