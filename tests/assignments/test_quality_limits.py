"""The limits of code quality that the handout states are those that the checkers use."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "autograder" / "quality" / "config"
HANDOUT = " ".join((ROOT / "assignments/1_block_pool/README.md").read_text("utf-8").split())


def limits() -> dict[str, int]:
    structure = tomllib.loads((CONFIG / "structure.toml").read_text("utf-8"))["limits"]
    ruff = tomllib.loads((CONFIG / "ruff_rules.toml").read_text("utf-8"))
    complexity = ruff["lint"]["mccabe"]["max-complexity"]
    return {**structure, "complexity": complexity, "columns": ruff["line-length"]}


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        ("function_lines", "at most {} lines"),
        ("arguments", "{} arguments"),
        ("nesting", "{} levels of nesting"),
        ("complexity", "complexity {}"),
        ("clone_lines", "no {} statements written twice"),
        ("suppressions", "at most {} suppressions"),
        ("columns", "at {} columns"),
    ],
)
def test_the_handout_states_the_limit_that_is_checked(limit: str, sentence: str) -> None:
    assert sentence.format(limits()[limit]) in HANDOUT


def test_every_limit_is_stated() -> None:
    assert set(limits()) == {
        *("function_lines", "arguments", "nesting", "complexity"),
        *("clone_lines", "suppressions", "columns"),
    }
