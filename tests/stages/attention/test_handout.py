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
from tests.stages.attention.solutions import ROLES, recorded

(HANDOUT,) = (one for one in HANDOUTS if one.stage.id == STAGE.id)
CASES = ("decode_bytes", "prefill_bytes", "causal_bytes", "longest_program")
NAMED = {
    "naive": "a program per token and query head",
    "middle": "tiles of 16 rows, a block a step, 16 parts at most",
    "reference": "tiles of 16 rows for decode, of 64 for chunks; parts of 256 keys",
}
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


@pytest.mark.parametrize("role", ROLES)
def test_the_costs_of_large_batches_are_those_that_are_recorded(role: str) -> None:
    row = dict(re.findall(r"^\| ([a-z][^|]+) \| (.+) \|$", HANDOUT.text, re.MULTILINE))[NAMED[role]]
    shown = [float(cell.replace(",", "")) for cell in row.split(" | ")]
    rules = ("4.P1", "4.P2", "4.P3", "4.P4", "4.P7", "4.P8", "4.P9")
    assert shown == pytest.approx([recorded()[role][rule] for rule in rules], rel=0.005)


def test_the_table_of_lanes_names_each_with_its_rules() -> None:
    rows = re.findall(
        r"^\| (\w+) \| .+ \| .+ \| (.+) \|$", HANDOUT.section("Performance"), re.MULTILINE
    )
    shown = {lane: rules for lane, rules in rows if lane in STAGE.lanes}
    assert list(shown) == list(STAGE.lanes)
    for lane, text in shown.items():
        wanted = {rule.id for rule in STAGE.rules if rule.lane == lane}
        assert {named for part in text.split(", ") for named in _named(part)} == wanted


def _named(part: str) -> list[str]:
    """The rules of "4.P1 to 4.P5", or of a single id."""
    first, _, last = part.partition(" to ")
    head = first.rstrip("0123456789")
    numbers = range(int(first.removeprefix(head)), int((last or first).removeprefix(head)) + 1)
    return [f"{head}{number}" for number in numbers]


def _short(number: float) -> str:
    return f"{number:.0e}".replace("e-0", "e-")
