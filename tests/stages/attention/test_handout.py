"""What the handout of stage 4 says of the code, of numbers and of costs is so."""

from __future__ import annotations

import ast
import math
import re

import pytest

from autograder.judge.parents import Parents
from autograder.paged_batch.tolerance import tolerances
from tests.assignments.handout import HANDOUTS
from tests.stages.attention.bench import REFERENCE, STAGE
from tests.stages.attention.margins import submission

(HANDOUT,) = (one for one in HANDOUTS if one.stage.id == STAGE.id)
CASES = ("decode_bytes", "prefill_bytes", "causal_bytes", "longest_program")
COSTS = {
    "a program per token and query head": "program_per_head",
    "a program per token and KV head": "program_per_group",
    "the same, in two passes over the keys": "two_passes_over_keys",
    "tiles of 16 rows": "small_tiles",
    "tiles of 16 rows for decode, of 64 for chunks; parts of 256 keys": "reference",
}


def test_the_tables_of_functions_have_every_function_with_its_parameters() -> None:
    rows = re.findall(r"^\| `(\w+)\((.*?)\)` \|", HANDOUT.section("Functions"), re.MULTILINE)
    wanted = {}
    for name in STAGE.modules:
        tree = ast.parse((REFERENCE / "pagedlab" / name).read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                wanted[node.name] = ", ".join(one.arg for one in node.args.args)
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                fields = [one for one in node.body if isinstance(one, ast.AnnAssign)]
                wanted[node.name] = ", ".join(ast.unparse(one.target) for one in fields)
    assert dict(rows) == wanted


def test_the_worked_softmax_adds_up() -> None:
    text = HANDOUT.section("Contract page")
    first = math.exp(-2) + 1, 10 * math.exp(-2) + 20
    total = first[0] * math.exp(-1) + math.exp(-2) + 1
    weighted = first[1] * math.exp(-1) + 30 * math.exp(-2) + 40
    for number in (*first, total, weighted, weighted / total, 4 + math.log(total)):
        assert f"{number:.3f}" in text


def test_the_tolerances_stand_in_the_invariants() -> None:
    text = " ".join(HANDOUT.section("Invariants").split())
    for dtype, one in tolerances().items():
        allowed = f"{_short(one.absolute)} + {_short(one.relative)} |x| in {dtype}"
        assert allowed in text, allowed


@pytest.mark.parametrize("says", COSTS)
def test_the_costs_are_what_is_counted(says: str, parents: Parents) -> None:
    (row,) = re.findall(rf"^\| {re.escape(says)} \| (.+) \|$", HANDOUT.text, re.MULTILINE)
    shown = [float(cell.replace(",", "")) for cell in row.split(" | ")]
    # The dear ones take seconds in the interpreter: the first cases are enough for them.
    cases = CASES if says.startswith("tiles") else CASES[:2]
    with submission(COSTS[says], parents) as runner:
        counted = [runner.work(case)["amount"] for case in cases]
    assert counted == pytest.approx(shown[: len(cases)], rel=0.02)


def _short(number: float) -> str:
    return f"{number:.0e}".replace("e-0", "e-")
