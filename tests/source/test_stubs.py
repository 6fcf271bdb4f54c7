"""The committed starter: in step with the reference, and nothing but stubs."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import pytest

from autograder.source.regions import find_regions
from autograder.source.starter import build_starter, drift, stage_files
from autograder.source.strip import stage_of, stub_message

ROOT = Path(__file__).resolve().parents[2]
REFERENCE, STARTER = ROOT / "reference" / "pagedlab", ROOT / "starter" / "pagedlab"
MODULES = sorted(file.relative_to(REFERENCE).as_posix() for file in REFERENCE.rglob("*.py"))

FIRST_PARTY = "lint.isort.known-first-party=['language_model', 'pagedlab']"


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def definitions(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every class and function outside of functions, with its qualified name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, child
        if isinstance(child, ast.ClassDef):
            yield from definitions(child, f"{prefix}{child.name}.")


def is_public(name: str) -> bool:
    return all(not part.startswith("_") or part == "__init__" for part in name.split("."))


def signature(node: ast.AST) -> str:
    """A definition without its body, and for a class with its fields and public attributes."""
    assert isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    fields = []
    if isinstance(node, ast.ClassDef):
        fields = [ast.unparse(each) for each in node.body if isinstance(each, ast.AnnAssign)]
    head = copy(node)
    head.body = [ast.Pass()]
    return "\n".join([ast.unparse(head), str(ast.get_docstring(node, clean=False)), *fields])


def api(file: Path) -> dict[str, str]:
    """What students may rely on: public names, signatures, fields and docstrings."""
    tree = parsed(file)
    found = {name: signature(node) for name, node in definitions(tree) if is_public(name)}
    for node in tree.body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else []
        targets += node.targets if isinstance(node, ast.Assign) else []
        shown = {ast.unparse(name): ast.unparse(node) for name in targets}
        found |= {name: text for name, text in shown.items() if is_public(name)}
    return {"": str(ast.get_docstring(tree, clean=False)), **found}


def stubs(name: str) -> dict[str, str]:
    """The message of each function that a module of the starter leaves to students."""
    source = (REFERENCE / name).read_text(encoding="utf-8")
    owners = [region.owner for region in find_regions(source, name) if region.in_function]
    return {owner: stub_message(stage_of(source, name), owner) for owner in owners}


def test_the_committed_starter_is_what_the_stripper_gives() -> None:
    assert list(drift(build_starter(ROOT), ROOT / "starter")) == []


@pytest.mark.parametrize("name", MODULES)
def test_starter_and_reference_offer_the_same(name: str) -> None:
    assert api(STARTER / name) == api(REFERENCE / name)


@pytest.mark.parametrize("name", MODULES)
def test_a_public_attribute_of_the_solution_is_declared_where_students_see_it(name: str) -> None:
    for qualified, node in definitions(parsed(REFERENCE / name)):
        if not isinstance(node, ast.ClassDef):
            continue
        targets = (each.target for each in node.body if isinstance(each, ast.AnnAssign))
        declared = {ast.unparse(target) for target in targets}
        stored = (each for each in ast.walk(node) if isinstance(each, ast.Attribute))
        stored = (each for each in stored if isinstance(each.ctx, ast.Store))
        written = {each.attr for each in stored if ast.unparse(each.value) == "self"}
        assert {attr for attr in written if is_public(attr)} <= declared, qualified


@pytest.mark.parametrize("name", MODULES)
def test_each_function_with_a_region_is_a_stub_in_the_starter_alone(name: str) -> None:
    left = {qualified: ast.unparse(node) for qualified, node in definitions(parsed(STARTER / name))}
    there = dict(definitions(parsed(REFERENCE / name)))
    for owner, message in stubs(name).items():
        assert left[owner].endswith(f"raise NotImplementedError({message!r})")
        assert "NotImplementedError" not in ast.unparse(there[owner])


CALL_ALL = """
import importlib, inspect, json, sys
sys.path.insert(0, sys.argv[1])
said = {}
for name, owners in json.load(sys.stdin).items():
    module = importlib.import_module("pagedlab." + name.removesuffix(".py").replace("/", "."))
    for owner in owners:
        target, *rest = owner.split(".")
        function = getattr(module, target)
        arguments = []
        for part in rest:
            arguments = [object.__new__(function)]
            function = inspect.getattr_static(function, part)
            function = getattr(function, "__func__", getattr(function, "fget", function))
        names = list(inspect.signature(function).parameters)[len(arguments):]
        try:
            function(*arguments, **dict.fromkeys(names))
        except NotImplementedError as error:
            said[f"{name}:{owner}"] = str(error)
print(json.dumps(said))
"""


def test_each_module_of_the_starter_imports_and_each_stub_says_what_is_not_written() -> None:
    wanted = {name: stubs(name) for name in MODULES if name != "__init__.py"}
    done = subprocess.run(
        [sys.executable, "-B", "-c", CALL_ALL, str(STARTER.parent)],
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        check=True,
    )
    messages = {f"{name}:{owner}": said for name in wanted for owner, said in wanted[name].items()}
    assert messages and json.loads(done.stdout) == messages


def test_nothing_in_the_starter_names_the_reference() -> None:
    for path, text in build_starter(ROOT).items():
        assert not re.search("reference|solution", text, re.IGNORECASE), path


def test_what_students_are_to_write_starts_clean_under_black_ruff_and_mypy() -> None:
    stages = stage_files(ROOT / "assignments")
    modules = [f"pagedlab/{name}" for stage in stages for name in stage.modules] + ["tests"]
    for command in (
        ["black", "-q", "--check", "-l", "100"],
        ["ruff", "check", "--no-cache", "--isolated", "--line-length", "100"]
        + ["--select", "E,F,I,B,UP,W", "--config", FIRST_PARTY],
        ["mypy", "--strict", "--cache-dir", "/dev/null", "--config-file="],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command, *modules],
            cwd=STARTER.parent,
            env={**os.environ, "MYPYPATH": str(ROOT)},  # the language model is at the root
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
