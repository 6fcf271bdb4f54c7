"""What silences a checker is found and counted, and has no effect beyond its bounds."""

from __future__ import annotations

import pytest

from autograder.quality.modules import parse_module
from autograder.quality.suppressions import defused, find_suppressions, over_budget


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("x = 1  # type: ignore[misc]", True),
        ("x = 1  #type:ignore", True),
        ("x = 1  # fmt: skip", True),
        ("# fmt: off\nx = 1\n# fmt: on", True),
        ("# fmt: off\nx = 1", False),
        ("# fmt: off\n" + "x = 1\n" * 20 + "# fmt: on", False),
        ("x = 1  # noqa: E501", False),
        ("x = 1  # because # NOQA", False),
        ("# ruff: noqa", False),
        ("# mypy: ignore-errors", False),
        ("# type: ignore\nimport math", False),
        ("# isort: skip_file", False),
        ("# pylint: disable=all", False),
    ],
)
def test_a_comment_acts_only_where_it_may(text: str, acts: bool) -> None:
    module = parse_module("m.py", text + "\n")
    assert [found.acts for found in find_suppressions(module)] == [acts]
    assert (defused(module, all_of_them=False) == module.text) is acts
    changed = defused(module, all_of_them=True)
    assert changed != module.text
    assert [len(line) for line in changed.split("\n")] == [
        len(line) for line in module.text.split("\n")
    ]
    assert find_suppressions(parse_module("m.py", changed)) == []


@pytest.mark.parametrize(
    "text",
    [
        "from typing import cast\nx = cast(int, 1)",
        "from typing import cast as c\nx = c(int, 1)",
        "import typing as t\nx = t.cast(int, 1)",
        "import typing\n@typing.no_type_check\ndef f(): ...",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    x = 1\nelse:\n    x = 2",
        "import typing\nif not typing.TYPE_CHECKING:\n    x = 1",
    ],
)
def test_code_that_silences_mypy_counts(text: str) -> None:
    assert len(find_suppressions(parse_module("m.py", text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        's = "# noqa"  # says why, not: who',
        "def cast(x): ...\ny = cast(1)",
        "class A:\n    def f(self): return self.cast(1)",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import heapq",
        "# the type: of this is plain\n# format: off by one",
    ],
)
def test_what_only_looks_like_it_does_not_count(text: str) -> None:
    assert find_suppressions(parse_module("m.py", text)) == []


def test_the_budget_is_for_all_modules_together() -> None:
    one = parse_module("a.py", "x = 1  # noqa\n" * 2)
    two = parse_module("b.py", "x = 1  # type: ignore\n" * 2)
    assert over_budget([one], 3) == []
    assert [finding.place for finding in over_budget([one, two], 3)] == [
        "a.py:1",
        "a.py:2",
        "b.py:1",
        "b.py:2",
    ]
