"""api.toml says what the starter declares, no more and no less."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from autograder.quality.api import Item, asked_of, definitions, load_api, locate
from autograder.quality.findings import CheckerFault
from autograder.quality.modules import parse_module
from autograder.rubric.model import Stage

from .conftest import REFERENCE

SOLUTION = re.compile(r"^ *# BEGIN SOLUTION$.*?^ *# END SOLUTION$", re.MULTILINE | re.DOTALL)
RAISED = re.compile(r"^(\w+):", re.MULTILINE)


def declared(name: str) -> dict[str, str]:
    """Public definitions outside the solution, and their docstrings."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]+", "", match[0])

    starter = SOLUTION.sub(blank, (REFERENCE / name).read_text("utf-8"))
    module = parse_module(name, starter)
    return {
        place.name: ast.get_docstring(place.node) or ""
        for place in definitions(module)
        if not place.name.split(".")[-1].startswith("_") or place.name.endswith(".__init__")
    }


def test_api_lists_exactly_what_the_starter_declares(stage: Stage) -> None:
    listed = {(item.file, item.name) for item in load_api(stage.folder / "api.toml")}
    assert listed == {(name, item) for name in stage.modules for item in declared(name)}


def test_api_lists_exactly_the_errors_of_the_starters_contracts(stage: Stage) -> None:
    for item in load_api(stage.folder / "api.toml"):
        _, _, raises = declared(item.file)[item.name].partition("Raises:\n")
        found = {line.split(":")[0].strip() for line in raises.splitlines() if ":" in line}
        assert {name for name in found if name.isidentifier()} == set(item.errors), item.name


def test_every_word_asked_for_is_in_the_starters_docstring(stage: Stage) -> None:
    for item in load_api(stage.folder / "api.toml"):
        text = declared(item.file)[item.name].lower()
        assert not item.words or any(word in text for word in item.words), item.name


@pytest.mark.parametrize(
    "text", ["not toml [", "[m]\nf = 1", "[m]\nf = {error = []}", "f = 1", "suggested = 1"]
)
def test_a_malformed_api_is_the_graders_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / "api.toml").write_text(text)
    with pytest.raises(CheckerFault):
        load_api(tmp_path / "api.toml")


def test_an_inherited_method_is_found_in_another_module() -> None:
    base = parse_module("one.py", "class Base:\n    def put(self) -> None: ...\n")
    pool = parse_module("two.py", "class Pool(Base):\n    pass\n")
    places = locate(Item("two.py", "Pool.put"), [base, pool])
    assert [(place.file, place.name) for place in places] == [("one.py", "Base.put")]


def test_a_definition_under_an_if_does_not_count() -> None:
    module = parse_module("m.py", "if True:\n    def f() -> None: ...\n")
    assert locate(Item("m.py", "f"), [module]) == ()


def test_a_suggested_class_may_be_left_out_in_whole_or_in_part() -> None:
    items = [Item("m.py", name, suggested=True) for name in ("Queue", "Queue.put", "Queue.get")]
    module = parse_module("m.py", "class Queue:\n    def put(self) -> None: ...\n")
    assert [item.name for item in asked_of(items, [module])] == ["Queue", "Queue.put"]
    assert asked_of(items, []) == ()


def test_the_init_of_a_dataclass_is_not_asked_for() -> None:
    items = [Item("m.py", "Pool"), Item("m.py", "Pool.__init__")]
    module = parse_module("m.py", "@dataclass\nclass Pool:\n    size: int\n")
    assert [item.name for item in asked_of(items, [module])] == ["Pool"]
