"""One change to the reference breaks one rule, by what it is, where it is. The tools really run."""

from __future__ import annotations

from fractions import Fraction

import pytest

from autograder.quality.docstrings import shared_texts
from autograder.quality.findings import Finding
from autograder.quality.formatting import RUFF_COMMAND, ruff_commands
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
    assert (
        outcome.cause is not None
        and outcome.cause.notes[-1] == "run: .venv/bin/black -l 100 pagedlab"
    )


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


def test_each_public_item_with_an_error_costs_its_part_of_three_quarters(judge: Judge) -> None:
    changed = edited(
        POOL,
        NO_ANY,
        ("get_usage(self) -> float", "get_usage(self) -> bytes"),
        ("reset_prefix_cache(self) -> bool:", "reset_prefix_cache(self):"),
        ("touch(self, blocks: Sequence[KVCacheBlock])", "touch(self, blocks: Any)"),
    )
    outcome = judge(changed, "types")["types"]
    assert codes(outcome) == {
        f"mypy[{c}]" for c in ("return-value", "no-untyped-def", "explicit-any")
    }
    assert outcome.share == Fraction(3 * (ITEMS - 3), 4 * ITEMS) + Fraction(1, 4)


def test_errors_outside_the_public_api_cost_the_file_its_part_of_one_quarter(judge: Judge) -> None:
    helpers = ["def _f() -> int:", '    return b""', "def _g() -> int:", '    return ""']
    outcome = judge(added(*helpers), "types")["types"]
    assert codes(outcome) == {"mypy[return-value]"}
    assert outcome.share == Fraction(3, 4) + Fraction(2, 12)


SWAPPED = (
    "block: KVCacheBlock, block_hash: BlockHash",
    "block_hash: BlockHash, block: KVCacheBlock",
)
USAGE = "Share of the usable blocks in use, 0.0 ... 1.0; 0.0 for a pool without usable blocks."
RESET = '''        """Forget every hash, if no block is in use (after a change of weights, say).

        Returns:
            True if the cache was reset; False, with nothing changed, if a block is in use.
        """
'''
FREE = "Number of blocks that `get_new_blocks` could hand out now, cached ones included."


DEFECTS = {
    "BlockPool.get_cached_block DOC103": ("    block_hash: the hash to", "    key: the hash to"),
    "BlockPool.cache_full_block DOC104": SWAPPED,
    "BlockPool.get_usage units": (USAGE, "How full the whole pool is."),
    "BlockPool.get_num_free_blocks docstring": (FREE, "Get num free blocks now."),
    "BlockPool.get_new_blocks raises": ("OutOfBlocks: fewer", "Error: fewer"),
    "BlockPool.touch DOC201": ("[KVCacheBlock]) -> None:", "[KVCacheBlock]) -> int:"),
    "BlockPool.reset_prefix_cache docstring": (RESET, ""),
}


def test_each_poor_docstring_of_the_starter_costs_its_definition(judge: Judge) -> None:
    outcome = judge(edited(POOL, *DEFECTS.values()), "docstrings")["docstrings"]
    notes = outcome.cause.notes[:-1] if outcome.cause else ()
    for defect in DEFECTS:
        name, code = defect.split()
        assert [note for note in notes if name in note and note.split()[1] == code], defect
    assert len(notes) == len(DEFECTS)
    assert outcome.share == Fraction(ITEMS - len(DEFECTS), ITEMS)


def test_each_poor_docstring_that_a_student_adds_costs_its_definition(judge: Judge) -> None:
    lines = ["def give() -> int:", "    return 1"]  # public, and says nothing
    lines += ["def _f(a: int) -> int:", *["    a += 1"] * 10, "    return a"]  # long
    lines += ["def twice(a: int) -> int:", LYING, "    return 2 * a"]  # untrue
    outcome = judge(added(*lines), "docstrings")["docstrings"]
    notes = outcome.cause.notes[:-1] if outcome.cause else ()
    assert [note.split()[1] for note in notes] == ["docstring", "docstring", "DOC103"]
    assert outcome.share == Fraction(ITEMS, ITEMS + 3)


def test_what_a_student_adds_may_be_documented_briefly(judge: Judge) -> None:
    lines = ["def _f(a: int) -> int:", "    return a"]
    lines += ["def give(a: int) -> int:", '    """Hand on the given number."""', "    return a"]
    lines += ["def _g(a: int) -> int:", KEEP, *["    a += 1"] * 10, "    return a"]
    assert judge(added(*lines), "docstrings")["docstrings"].status is Status.PASS


def test_ruff_is_told_to_mend_only_what_it_can_mend() -> None:
    long, unused = Finding("a.py", 1, "E501", "long"), Finding(
        "a.py", 1, "F401", "unused", "remove"
    )
    assert ruff_commands([]) == ()
    assert ruff_commands([long]) == (RUFF_COMMAND,)
    assert ruff_commands([long, unused]) == (f"{RUFF_COMMAND} --fix",)


def test_a_helper_of_one_name_in_two_files_may_promise_the_same() -> None:
    same = [("_check", "Refuse what cannot be meant."), ("_check", "Refuse what cannot be meant.")]
    assert shared_texts(same)["Refuse what cannot be meant."] == 1
    assert shared_texts([*same, ("_plan", "Refuse what cannot be meant.")]).total() == 2
    assert shared_texts([("_a", ""), ("_b", "")]).total() == 0


def test_two_definitions_with_one_docstring_are_both_lost(judge: Judge) -> None:
    outcome = judge(edited(POOL, (FREE, USAGE)), "docstrings")["docstrings"]
    assert (codes(outcome), outcome.share) == ({"docstring"}, Fraction(ITEMS - 2, ITEMS))


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


def test_no_switch_for_a_whole_file_has_an_effect(judge: Judge) -> None:
    text = edited(POOL, ("block.ref_cnt = 1", "block.ref_cnt  = None; del num_blocks"))[POOL]
    switches = "# mypy: ignore-errors\n# type: ignore\n# ruff: noqa\n"
    outcomes = judge({POOL: f"{switches}{text}", HASH: "# fmt: off\nX  = 1\n"}, "format", "types")
    notes = outcomes["format"].cause.notes[:-2] if outcomes["format"].cause else ()
    assert {note.split(":")[0] for note in notes if note.split()[1] == "black"} == {POOL, HASH}
    assert "E702" in codes(outcomes["format"])
    assert "mypy[assignment]" in codes(outcomes["types"])
