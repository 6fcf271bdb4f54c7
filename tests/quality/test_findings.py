"""One change to the reference breaks one rule, by what it is, where it is. The tools really run."""

from __future__ import annotations

from fractions import Fraction

import pytest

from autograder.scoring.outcome import Status

from .conftest import ITEMS, REFERENCE, Judge, codes, edited

POOL, HASH, PARTS = "block_pool.py", "block_hash.py", "kv_cache_utils.py"
Changed = dict[str, str | None]
KEEP = '    """Hand on what was given, unchanged."""'
TANGLED = [f"    if n == {n}:\n        return {n}" for n in range(10)]
LYING = '''    """Double it, and say so.

    Args:
        b: what to double.

    Returns:
        Twice as much.
    """'''
IMPORTS = ("from collections import Counter\n", "from collections.abc import Iterable, Sequence\n")
NO_ANY = ("import Counter\n", "import Counter\nfrom typing import Any\n")


def added(*lines: str) -> Changed:
    """The reference with more lines at the end of block_hash.py."""
    text = "\n".join(lines)
    return edited(HASH, ("    # END SOLUTION\n", f"    # END SOLUTION\n\n\n{text}\n"))


def test_a_file_that_black_would_change_costs_its_part_of_one_half(judge: Judge) -> None:
    outcome = judge(edited(POOL, ("block.ref_cnt = 1", "block.ref_cnt  = 1")), "format")["format"]
    assert (codes(outcome), outcome.share) == ({"black"}, Fraction(5, 6))


def test_a_file_that_is_not_clean_under_ruff_costs_its_part_of_the_other_half(judge: Judge) -> None:
    changed = edited(
        POOL,
        ("".join(IMPORTS), "".join(reversed(IMPORTS))),
        (
            "from __future__ import annotations\n",
            "from __future__ import annotations\n\nimport copy\n",
        ),
        ("block_hash is None", "block_hash == None"),
    )
    outcome = judge(changed, "format")["format"]
    assert (codes(outcome), outcome.share) == ({"I001", "F401", "E711"}, Fraction(5, 6))


@pytest.mark.parametrize(
    ("code", "private", "changed"),
    [
        ("return-value", False, edited(POOL, ("usage(self) -> float", "usage(self) -> bytes"))),
        ("no-untyped-def", False, edited(POOL, ("cache(self) -> bool:", "cache(self):"))),
        ("explicit-any", False, edited(POOL, NO_ANY, ("self) -> float", "self) -> Any"))),
        ("return-value", True, added("def _f() -> int:", '    return b""')),
    ],
)
def test_types_lose_a_public_item_or_the_rest_of_a_file(
    judge: Judge, code: str, private: bool, changed: Changed
) -> None:
    outcome = judge(changed, "types")["types"]
    assert codes(outcome) == {f"mypy[{code}]"}
    public, tidy = (ITEMS, 2) if private else (ITEMS - 1, 3)
    assert outcome.share == Fraction(3 * public, 4 * ITEMS) + Fraction(tidy, 12)


SWAPPED = (
    "block: KVCacheBlock, block_hash: BlockHash",
    "block_hash: BlockHash, block: KVCacheBlock",
)
USAGE = "Share of the usable blocks in use, 0.0 ... 1.0; 0.0 for a pool without usable blocks."
FREE = "Number of blocks that `get_new_blocks` could hand out now, cached ones included."


@pytest.mark.parametrize(
    ("code", "new", "changed"),
    [
        ("DOC103", 0, edited(POOL, ("    block_hash: the hash to", "    key: the hash to"))),
        ("DOC104", 0, edited(POOL, SWAPPED)),
        ("DOC201", 0, edited(HASH, ("    Returns:\n", "    Notes:\n"))),
        ("raises", 0, edited(POOL, ("OutOfBlocks: fewer", "Error: fewer"))),
        ("units", 0, edited(POOL, (USAGE, "How full the whole pool is."))),
        ("docstring", 0, edited(POOL, (USAGE, "Get usage."))),
        ("docstring", 0, edited(POOL, (f'"""{FREE}"""\n', ""))),
        ("docstring", 1, added("def give() -> int:", "    return 1")),
        ("docstring", 1, added("def _f(a: int) -> int:", *["    a += 1"] * 10, "    return a")),
        ("DOC103", 1, added("def twice(a: int) -> int:", LYING, "    return 2 * a")),
    ],
)
def test_docstrings_lose_a_definition(judge: Judge, code: str, new: int, changed: Changed) -> None:
    outcome = judge(changed, "docstrings")["docstrings"]
    assert codes(outcome) == {code}
    assert outcome.share == Fraction(ITEMS + new - 1, ITEMS + new)


def test_two_definitions_with_one_docstring_are_both_lost(judge: Judge) -> None:
    outcome = judge(edited(POOL, (FREE, USAGE)), "docstrings")["docstrings"]
    assert (codes(outcome), outcome.share) == ({"docstring"}, Fraction(ITEMS - 2, ITEMS))


@pytest.mark.parametrize(
    "lines",
    [
        ("def _f(a: int) -> int:", "    return a"),
        ("def give(a: int) -> int:", '    """Hand on the given number."""', "    return a"),
        ("def _f(a: int) -> int:", KEEP, *["    a += 1"] * 10, "    return a"),
    ],
)
def test_what_a_student_adds_may_be_documented_briefly(
    judge: Judge, lines: tuple[str, ...]
) -> None:
    assert judge(added(*lines), "docstrings")["docstrings"].status is Status.PASS


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        ("format", edited(POOL, ("block.ref_cnt = 1", "block.ref_cnt  = 1"))),
        ("types", edited(POOL, ("usage(self) -> float", "usage(self) -> bytes"))),
        ("structure", added("def _f(n: int) -> int:", KEEP, *TANGLED, "    return n")),
        ("docstrings", edited(POOL, ("OutOfBlocks: fewer", "Error: fewer"))),
    ],
)
def test_a_defect_breaks_its_own_rule_alone(judge: Judge, check: str, changed: Changed) -> None:
    outcomes = judge(changed)
    assert {name for name, found in outcomes.items() if found.status is not Status.PASS} == {check}
    cause = outcomes[check].cause
    assert cause is not None and cause.kind == "finding"
    assert cause.place.split(":")[0] in changed
    if check == "structure":
        assert (codes(outcomes[check]), outcomes[check].share) == ({"C901"}, Fraction(5, 6))


def test_any_behind_another_name_is_found_where_it_is_used(judge: Judge) -> None:
    any_imported = ("import Sequence\n", "import Sequence\nfrom typing import Any\n")
    types = judge(edited(HASH, any_imported, ("= bytes", "= Any")), "types")["types"]
    uses = (REFERENCE / POOL).read_text("utf-8").split("\n")
    line = next(n for n, text in enumerate(uses, 1) if "block_hash: BlockHash)" in text)
    notes = types.cause.notes if types.cause else ()
    assert any(f"{POOL}:{line} mypy[explicit-any] BlockHash stands for" in note for note in notes)
    assert types.share < Fraction(4, 5)


def test_a_renamed_method_is_missing_from_the_public_api(judge: Judge) -> None:
    outcomes = judge(edited(POOL, ("def get_usage(", "def usage_of(")), "types", "docstrings")
    types, docstrings = outcomes["types"], outcomes["docstrings"]
    assert codes(types) == codes(docstrings) == {"missing"}
    assert types.share == Fraction(3 * (ITEMS - 1), 4 * ITEMS) + Fraction(1, 4)
    assert docstrings.share == Fraction(ITEMS, ITEMS + 1)


def test_silencing_works_within_the_budget(judge: Judge) -> None:
    changed = edited(
        POOL,
        ("block.ref_cnt = 1", "block.ref_cnt  =  1  # fmt: skip"),
        ("if usable else 0.0", 'if usable else ""  # type: ignore[return-value]'),
    )
    assert {outcome.status for outcome in judge(changed).values()} == {Status.PASS}


def test_silencing_does_not_work_beyond_the_budget(judge: Judge) -> None:
    changed = edited(
        POOL,
        ("block.ref_cnt = 1", "block.ref_cnt  =  1  # fmt: skip"),
        ("import Counter", "import Counter  # noqa  # noqa  # noqa"),
    )
    outcomes = judge(changed, "format", "structure")
    assert codes(outcomes["structure"]) == {"suppression"}
    assert codes(outcomes["format"]) == {"black"}


@pytest.mark.parametrize(
    "switch", ["# mypy: ignore-errors", "# type: ignore", "# ruff: noqa", "# fmt: off"]
)
def test_a_switch_for_a_whole_file_has_no_effect(judge: Judge, switch: str) -> None:
    bad = ("block.ref_cnt = 1", "block.ref_cnt  = None; del num_blocks, num_blocks")
    text = edited(POOL, bad)[POOL]
    outcomes = judge({POOL: f"{switch}\n{text}"}, "format", "types")
    assert codes(outcomes["format"]) >= {"black", "E702"}
    assert outcomes["types"].share < 1
