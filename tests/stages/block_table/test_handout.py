"""What the handout of stage 2 says of the code is so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from autograder.program.model import Op
from tests.assignments.handout import HANDOUTS
from tests.stages.block_table.bench import REFERENCE, STAGE, part, running

HANDOUT = next(one for one in HANDOUTS if one.stage.id == 2)
PACKAGE = REFERENCE / "pagedlab"
CLASSES = {"kv_cache_manager.py": "KVCacheManager", "block_table.py": "BlockTable"}

CONTRACT_WORDS = {"None", "ref_cnt", "SlotAllocation", "num_tokens", "num_computed_tokens"}
PYTHON_WORDS = {"ValueError", "IndexError", "hash", "is", "not", "if", "ceil", "breakpoint", "py"}


def test_the_table_of_operations_has_every_operation_with_its_parameters_and_errors() -> None:
    rows = re.findall(
        r"^\| `(\w+)\((.*?)\)` \|.*?\| ?([^|]*)\|$", HANDOUT.section("Operations"), re.MULTILINE
    )
    shown = [(name, args, set(re.findall(r"`(\w+Error)`", errors))) for name, args, errors in rows]
    assert shown == list(_operations())


def test_every_name_in_code_font_exists() -> None:
    text = HANDOUT.text.replace(HANDOUT.section("In vLLM"), "").replace(HANDOUT.answers(), "")
    words = {
        word
        for code in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
        if "/" not in code and "make " not in code and "design.toml" not in code
        for word in re.findall(r"[A-Za-z_]{2,}\w*", code)
    }
    assert "allocate_slots" in words
    assert words - set(_names()) - CONTRACT_WORDS - PYTHON_WORDS == set()


def test_the_worked_trace_is_what_the_reference_does() -> None:
    rows = re.findall(r"^\| (\d) \| (.*) \|$", HANDOUT.section("Contract page"), re.MULTILINE)
    shown = [[cell.strip() for cell in row.split("|")][1:] for _, row in rows]
    assert shown == [list(line) for line in _trace()]


def test_the_chance_of_a_collision_is_as_stated() -> None:
    assert "Among 10¹² blocks the chance of one is below 10⁻⁵³" in HANDOUT.section("Operations")
    assert (10**12) ** 2 / 2**257 < 1e-53


def test_what_a_block_costs_is_as_stated() -> None:
    stated = re.search(r"reference's (\d+)\.", HANDOUT.section("Performance"))
    assert stated
    assert float(stated[1]) == pytest.approx(STAGE.anchors["2.P4"].reference, abs=1)
    assert STAGE.anchors["2.P5"].reference == pytest.approx(4, abs=0.1)


def _operations() -> Iterator[tuple[str, str, set[str]]]:
    """Public operations of the reference: name, parameters as written, errors of the docstring."""
    for file, name in CLASSES.items():
        tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
        (found,) = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)
        for function in (node for node in found.body if isinstance(node, ast.FunctionDef)):
            if function.name.startswith("_") and function.name != "__init__":
                continue
            shown = name if function.name == "__init__" else function.name
            parameters = ", ".join(a.arg for a in function.args.args if a.arg != "self")
            _, _, raises = (ast.get_docstring(function) or "").partition("Raises:\n")
            yield shown, parameters, set(re.findall(r"^    (\w+):", raises, re.MULTILINE))


def _names() -> Iterator[str]:
    """Every name that students' modules define: functions, classes, attributes, parameters."""
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.arg):
                yield node.arg
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                yield node.target.id
        yield from ("pagedlab", file.stem, "manager")


def _trace() -> Iterator[tuple[str, str, str, str, str]]:
    """Table of a, table of b, blocks taken, copies and free blocks after each call of the trace."""
    names: dict[int, str] = {}
    language = part("language")
    calls: list[list[Op]] = [
        [language.step("a", 6)],
        [language.fork("b", "a")],
        [language.generate("b", 7), language.step("b", 1)],
        [language.generate("a", 8, 9), language.step("a", 2)],
        [language.generate("b", 8, 9), language.step("b", 2)],
        [language.truncate("a", 7)],
        [language.generate("a", 10), language.step("a", 1)],
        [language.free("b")],
    ]
    start = [language.new(8, 4), language.request("a", [1, 2, 3, 4, 5, 6])]
    with running(REFERENCE) as observe:
        seen = observe((*start, *(op for call in calls for op in call)))
    position = len(start) - 1
    for call in calls:
        position += len(call)
        result, state = seen[position].result, seen[position].state
        given = result if isinstance(result, dict) else {"new": [], "copies": []}
        for key in given["new"]:
            names[key] = "ABCDEFG"[len(names)]
        tables = [" ".join(names[key] for key in state["tables"].get(name, [])) for name in "ab"]
        copies = ", ".join(f"{names[old]} → {names[new]}" for old, new in given["copies"])
        yield tables[0], tables[1], str(len(given["new"])), copies, str(state["free"])
