"""The handout of stage 1 agrees with the code: names, parameters, errors, commands, answers."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assignments.handout import HANDOUT, ROOT, RULES, STAGE, answers, section

REFERENCE = ROOT / "reference" / "pagedlab"

CONTRACT_WORDS = {"num_tokens", "num_computed_tokens", "True", "False", "None"}
PYTHON_WORDS = {"ValueError", "reversed", "hash", "pop", "breakpoint", "deque"}
CHECKERS_WORDS = {"mypy", "strict", "type", "ignore", "noqa", "cast", "Any"}
DENIED_IMPORTS = {"os", "sys", "threading", "ctypes", "gc", "inspect"}
NANO_VLLM = {"free_block_ids", "_allocate_block", "BlockManager"}


def test_the_table_of_operations_has_every_operation_with_its_parameters_and_errors() -> None:
    rows = re.findall(r"^\| `(\w+)\((.*?)\)` \|.*?\| ?([^|]*)\|$", section("1.2"), re.MULTILINE)
    shown = {name: (args, set(re.findall(r"`(\w+)`", errors))) for name, args, errors in rows}
    assert shown == dict(_operations())


def test_every_name_in_code_font_exists() -> None:
    text = HANDOUT.replace(section("1.8"), "").replace(answers(), "")
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


def test_every_file_of_a_task_is_one_that_students_write() -> None:
    files = set(re.findall(r"`pagedlab/(\w+\.py)`", section("1.5")))
    assert files == set(RULES["modules"])


def test_every_make_command_exists() -> None:
    makefiles = "".join((ROOT / name).read_text("utf-8") for name in ("Makefile", "instructor.mk"))
    commands = set(re.findall(r"`make ([a-z]+)", HANDOUT))
    assert commands
    assert commands <= set(re.findall(r"^([a-z]+):", makefiles, re.MULTILINE))


@pytest.mark.parametrize("wheat", ["", *sorted(path.name for path in STAGE.glob("wheats/*/"))])
def test_the_answers_to_the_predictions_hold_for_every_correct_allocator(
    wheat: str, tmp_path: Path
) -> None:
    package = shutil.copytree(REFERENCE, tmp_path / "pagedlab")
    for file in STAGE.glob(f"wheats/{wheat}/*.py") if wheat else ():
        shutil.copy(file, package)
    (tmp_path / "answers.txt").write_text(answers(), encoding="utf-8")
    flags = ["-o", "IGNORE_EXCEPTION_DETAIL", "-o", "ELLIPSIS"]
    done = subprocess.run(
        [sys.executable, "-m", "doctest", *flags, "answers.txt"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert answers().count(">>>") > 10


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
