"""What the handout of stage 3 says of the code, of numbers and of costs is so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.source.solutions import build_wheat, load_wheats
from autograder.source.variants import build_chaff, load_chaffs
from tests.assignments.handout import HANDOUTS
from tests.stages.address_translation.bench import REFERENCE, STAGE, Runner

(HANDOUT,) = (one for one in HANDOUTS if one.stage.id == STAGE.id)
STRIDES = {"NHD": (1280, 640, 64, 16, 8, 1), "HND": (1280, 640, 64, 8, 32, 1)}
TABLE, BLOCK_SIZE = [5, 2, 7], 4
COSTS = {
    "a loop over requests, vectorised inside": ("chaff", "request_by_request"),
    "each token copies its request's row, then picks from it": ("chaff", "whole_rows_read"),
    "a rectangle of requests × longest, and a mask": ("wheat", "dense_grid"),
    "rows by `torch.searchsorted`": ("wheat", "searchsorted"),
    "rows by `torch.repeat_interleave`": ("reference", ""),
}


def test_the_tables_of_functions_have_every_function_with_its_parameters() -> None:
    rows = re.findall(r"^\| `([\w.]+)\((.*?)\)` \|", HANDOUT.section("Functions"), re.MULTILINE)
    shown = {name.rpartition(".")[2]: parameters for name, parameters in rows}
    assert shown == dict(_functions())


def test_every_named_error_of_a_docstring_stands_in_the_table() -> None:
    for name, errors in _errors():
        (row,) = re.findall(rf"^\| `(?:\w+\.)?{name}\(.*$", HANDOUT.section("Functions"), re.M)
        told = set(re.findall(r"`(UnknownSlot|UnmappedPosition|ValueError)`", row))
        assert told | {"ValueError"} == errors | {"ValueError"}, name


def test_the_three_levels_add_up() -> None:
    rows = re.findall(r"^\| (\d[\d |]*) \|$", HANDOUT.section("Contract page"), re.MULTILINE)
    shown = [list(map(int, row.split(" | "))) for row in rows]
    assert len(shown) == 5
    assert shown == [_levels(row[0]) for row in shown]


def test_the_ragged_batch_adds_up() -> None:
    text = HANDOUT.section("Contract page")
    tables = [[5, 2, 7], [1, 6, 3]]
    requests, positions, slots = (
        re.findall(r"-?\d+|[?-]", re.findall(rf" {name}  +(.+)$", text, re.M)[0])
        for name in ("request", "positions", "slot mapping")
    )
    wanted = [
        tables[int(r)][int(p) // BLOCK_SIZE] * BLOCK_SIZE + int(p) % BLOCK_SIZE
        for r, p in zip(requests, positions, strict=True)
        if r != "-"
    ]
    assert [int(slot) for slot in slots] == [*wanted, -1, -1]


def test_every_file_stands_alone() -> None:
    """The handout says so: if one is broken, the others are graded all the same."""
    for name in STAGE.modules:
        text = (REFERENCE / "pagedlab" / name).read_text("utf-8")
        assert set(re.findall(r"from pagedlab\.(\w+)", text)) == {"errors"}


@pytest.mark.parametrize("row", COSTS)
def test_the_costs_are_those_that_the_meter_counts(row: str, tmp_path: Path) -> None:
    rows = re.findall(
        r"^\| (.+?) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", HANDOUT.section("Performance"), re.M
    )
    told = {name: [float(n.replace(",", "")) for n in numbers] for name, *numbers in rows}
    assert set(told) == set(COSTS)
    with Runner(_variant(*COSTS[row], tmp_path)) as runner:
        steps = runner.work("translate", STAGE.sizes.large)["steps"]
        kernels = runner.work("translate_kernels", STAGE.sizes.large)["amount"]
        moved = runner.work("translate_bytes", STAGE.sizes.large)["amount"]
    assert told[row] == pytest.approx([steps, kernels, moved], rel=0.01)


def test_writing_and_reading_cost_what_the_handout_says() -> None:
    text = " ".join(HANDOUT.section("Performance").split())
    with Runner(REFERENCE) as runner:
        kernels = runner.work("store_kernels", STAGE.sizes.large)["amount"]
        moved = runner.work("store_bytes", STAGE.sizes.large)["amount"]
    assert f"the reference takes {kernels} kernels and {round(moved):,} bytes a token" in text


def test_the_traffic_of_the_claim_adds_up() -> None:
    tokens = 256 * 4096
    assert f"{tokens:,}" in HANDOUT.section("Performance")
    least = tokens * (8 + 8 + 4 / 16)
    assert round(least / 1e6) == 17
    assert round(least / 50e-6 / 1e9, -1) == 340


def _levels(position: int) -> list[int]:
    logical, offset = divmod(position, BLOCK_SIZE)
    block = TABLE[logical]
    places = [
        block * strides[2] + offset * strides[3] + head * strides[4]
        for strides in STRIDES.values()
        for head in (0, 1)
    ]
    return [position, logical, offset, block, block * BLOCK_SIZE + offset, *places]


def _variant(kind: str, name: str, folder: Path) -> Path:
    if kind == "reference":
        return REFERENCE
    if kind == "wheat":
        (wheat,) = (one for one in load_wheats(STAGE) if one.id == name)
        build_wheat(wheat, REFERENCE, folder)
    else:
        (chaff,) = (one for one in load_chaffs(STAGE) if one.id == name)
        build_chaff(chaff, REFERENCE, folder)
    return folder


def _definitions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for name in STAGE.modules:
        tree = ast.parse((REFERENCE / "pagedlab" / name).read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node.name, node


def _functions() -> Iterator[tuple[str, str]]:
    yield "KVCacheLayout", "shape, strides"
    for name, node in _definitions():
        parameters = [each.arg for each in node.args.args if each.arg not in ("self", "cls")]
        yield name, ", ".join(parameters)


def _errors() -> Iterator[tuple[str, set[str]]]:
    for name, node in _definitions():
        _, _, raises = (ast.get_docstring(node) or "").partition("Raises:\n")
        yield name, set(re.findall(r"^    (\w+):", raises, re.MULTILINE))
