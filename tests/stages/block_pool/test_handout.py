"""What the handout of stage 1 says of the code and of counting is so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.assignments.handout import HANDOUTS, ROOT

HANDOUT = HANDOUTS[0]
REFERENCE = ROOT / "reference" / "pagedlab"

CONTRACT_WORDS = {"num_tokens", "num_computed_tokens", "True", "False", "None"}
PYTHON_WORDS = {"ValueError", "reversed", "hash", "pop", "breakpoint", "deque"}
CHECKERS_WORDS = {"mypy", "strict", "type", "ignore", "noqa", "cast", "Any"}
DENIED_IMPORTS = {"os", "sys", "threading", "ctypes", "gc", "inspect"}
NANO_VLLM = {"free_block_ids", "_allocate_block", "BlockManager"}


def test_the_table_of_operations_has_every_operation_with_its_parameters_and_errors() -> None:
    rows = re.findall(
        r"^\| `(\w+)\((.*?)\)` \|.*?\| ?([^|]*)\|$", HANDOUT.section("Operations"), re.MULTILINE
    )
    shown = {name: (args, set(re.findall(r"`(\w+)`", errors))) for name, args, errors in rows}
    assert shown == dict(_operations())


def test_every_name_in_code_font_exists() -> None:
    text = HANDOUT.text.replace(HANDOUT.section("In vLLM"), "").replace(HANDOUT.answers(), "")
    words = {
        word
        for code in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
        if "/" not in code and "make " not in code and "design.toml" not in code
        for word in re.findall(r"[A-Za-z_]{2,}\w*", code)
    }
    known = set(_names()) | CONTRACT_WORDS | PYTHON_WORDS | NANO_VLLM
    known |= CHECKERS_WORDS | DENIED_IMPORTS
    unknown = words - known - {"collections", "OrderedDict", "ceil", "py", "blocks", "needed"}
    assert "touch" in words
    assert unknown == set()


def test_the_boundary_trace_adds_up() -> None:
    rows = re.findall(r"^\| (\d[\d |]*) \|$", HANDOUT.section("Contract page"), re.MULTILINE)
    shown = [[list(map(int, cell.split())) for cell in row.split("|")] for row in rows]
    assert shown == list(_trace(prompt=3, steps=7, block_size=4, table=[5, 2, 7]))


def _operations() -> Iterator[tuple[str, tuple[str, set[str]]]]:
    """Public operations of the reference: name, parameters as written, errors of the docstring."""
    pool = _class("block_pool.py", "BlockPool")
    functions = [node for node in pool.body if isinstance(node, ast.FunctionDef)]
    functions += [node for node in _tree("block_hash.py").body if isinstance(node, ast.FunctionDef)]
    for function in functions:
        if function.name.startswith("_") and function.name != "__init__":
            continue
        name = "BlockPool" if function.name == "__init__" else function.name
        parameters = ", ".join(a.arg for a in function.args.args if a.arg != "self")
        _, _, raises = (ast.get_docstring(function) or "").partition("Raises:\n")
        yield name, (parameters, set(re.findall(r"^    (\w+):", raises, re.MULTILINE)))


def _names() -> Iterator[str]:
    """Every name that students' modules define: functions, classes, attributes, parameters."""
    for file in REFERENCE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.arg):
                yield node.arg
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                yield node.target.id
        yield from ("pagedlab", file.stem)


def _class(file: str, name: str) -> ast.ClassDef:
    return next(n for n in _tree(file).body if isinstance(n, ast.ClassDef) and n.name == name)


def _tree(file: str) -> ast.Module:
    return ast.parse((REFERENCE / file).read_text(encoding="utf-8"))


def _trace(prompt: int, steps: int, block_size: int, table: list[int]) -> Iterator[list[list[int]]]:
    """The convention of §1.1, step by step, as rows of the handout's table."""
    num_tokens, num_computed_tokens, held = prompt, 0, 0
    for step in range(1, steps + 1):
        before = [[step], [num_tokens], [num_computed_tokens], [held]]
        positions = list(range(num_computed_tokens, num_tokens))
        needed = -(-num_tokens // block_size)
        taken, held = needed - held, needed
        slots = [table[p // block_size] * block_size + p % block_size for p in positions]
        num_computed_tokens += len(positions)
        num_tokens += 1
        now = [[needed], [taken], [num_computed_tokens], [held], [num_tokens]]
        yield [*before, positions, slots, *now]
