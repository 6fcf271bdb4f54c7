"""Each kind of structural trouble is found where it is, and what is sound is left alone."""

from __future__ import annotations

from fractions import Fraction

import pytest

from autograder.quality.findings import Finding
from autograder.quality.limits import load_limits
from autograder.quality.modules import Submission, parse_module
from autograder.quality.structure import grade_structure

SIX = "\n".join(f"    total += step_{n}(total)" for n in range(6))
SIX_LAID_OUT = SIX.replace("(total)", "(  # why\n        total\n    )")
SIX_RENAMED = SIX.replace("total", "count")
FIVE = "\n".join(SIX.splitlines()[:5])


def kinds(*texts: str) -> tuple[set[str], Fraction]:
    """Codes of the findings in modules with these texts, and the share."""
    modules = tuple(parse_module(f"m{n}.py", text) for n, text in enumerate(texts))
    files = tuple(module.file for module in modules)
    submission = Submission(files, modules, (), {"errors.py": ""})
    grade = grade_structure(submission, [], load_limits(), needs=("torch",))
    return {finding.code for finding in grade.findings}, grade.share


def body(lines: int) -> str:
    return "\n".join(f"    x{n} = {n}" for n in range(lines))


@pytest.mark.parametrize(
    ("code", "bad", "sound"),
    [
        ("length", f"def f():\n{body(60)}", f"def f():\n{body(59)}"),
        (
            "length",
            f"class A:\n  def f(self):\n{body(60)}",
            f'def f():\n    """Doc\n\n\n\n\n    """\n{body(59)}',
        ),
        (
            "arguments",
            "def f(a, b, c, /, d, *, e, **g): ...\ndef h(a, b, c, d, e, f, *g): ...",
            "class A:\n    def f(self, a, b, c, d, *, e, f): ...",
        ),
        (
            "nesting",
            "def f(a):\n for b in a:\n  while b:\n   if b:\n    with b:\n     if a:\n      pass",
            "def f(a):\n for b in a:\n  while b:\n   if b:\n    if 1: pass\n    elif 2: pass\n"
            "    elif 3:\n     pass",
        ),
        (
            "duplicate",
            f"def f(total):\n{SIX}\ndef g(total):\n    pass\n{SIX}",
            f"def f(total):\n{FIVE}\ndef g(total):\n    pass\n{FIVE}",
        ),
        (
            "duplicate",
            f"def f(total):\n{SIX}\ndef g(total):\n    1\n{SIX_LAID_OUT}",
            f"def f(total):\n{SIX}\ndef g(total):\n    pass\n{SIX_RENAMED}",
        ),
        ("duplicate", "def f(x):\n" + "    x += 1\n" * 12, "def f(x):\n" + "    x += 1\n" * 11),
        ("global", "CACHE = {}", "SIZES = (1, 2)\nNAMES = frozenset({1})\n__all__ = ['a']"),
        ("global", "_pools: list[int] = []", "BlockHash = bytes\nPair = dict[str, list[int]]"),
        (
            "global",
            "import collections as c\nfree = c.deque()",
            "import hashlib\nROOT = hashlib.md5().digest()",
        ),
        ("global", "class A: ...\nSTATE = A()", "@dataclass(frozen=True)\nclass A: ...\nB = A()"),
        ("global", "class A:\n    held = []", "class A:\n    held: list[int] = field(list)"),
        ("global", "class A:\n    held = [0] * 9", "class A:\n    __slots__ = ['held']"),
        ("global", "class A: ...\ndef f(): A.n = 1", "class A: ...\ndef f(a): a.n = 1"),
        ("global", "n = 0\ndef f():\n    global n\n    n = 1", "N = 0\ndef f():\n    return N"),
        ("global", "if True:\n    CACHE = {}", "def f():\n    cache = {}\n    return cache"),
        ("import", "import ctypes", "import heapq, math, collections.abc"),
        ("import", "def f():\n    from os import path", "from __future__ import annotations"),
        ("import", "import numpy as np", "import torch.nn"),
        ("import", "from pagedlab.oracle import x", "from pagedlab.errors import x"),
        ("import", "from . import secret", "from . import errors, m0"),
        ("import", "from pagedlab import secret", "import pagedlab.m0"),
        ("import", "import _thread", "from typing import Final"),
        ("import", "def f():\n    __import__('gc')", "open = 1\ninput = open\n"),
        ("suppression", "x = 1  # noqa\n" * 4, "x = 1  # noqa\n" * 3),
    ],
)
def test_each_kind_of_trouble_is_found_alone(code: str, bad: str, sound: str) -> None:
    found, share = kinds(bad)
    assert found == {code}
    assert share == Fraction(5, 6)
    assert kinds(sound) == (set(), Fraction(1))


def test_copies_in_two_modules_are_found() -> None:
    found, _ = kinds(f"def f(total):\n{SIX}", f"def g(total):\n{SIX}")
    assert found == {"duplicate"}


def test_a_run_of_statements_does_not_cross_the_border_of_two_modules() -> None:
    halves = SIX.splitlines()
    top, rest = "\n".join(halves[:3]), "\n".join(halves[3:])
    assert kinds(
        f"def f(total):\n{SIX}\n", f"def g(total):\n    1\n{top}", f"class A:\n    2\n{rest}"
    ) == (set(), Fraction(1))


def test_one_long_copy_is_one_finding() -> None:
    text = "\n".join(f"    total += step_{n}(total)" for n in range(20))
    module = parse_module("m.py", f"def f(total):\n{text}\ndef g(total):\n    1\n{text}")
    grade = grade_structure(Submission(("m.py",), (module,), (), {}), [], load_limits(), ())
    assert [finding.line for finding in grade.findings] == [24]
    assert "20 statements" in grade.findings[0].message


def test_a_kind_of_trouble_costs_once_and_all_six_cost_everything() -> None:
    many = "import gc\nimport os\nimport numpy\n"
    assert kinds(many)[1] == Fraction(5, 6)
    worst = (
        f"{many}CACHE = {{}}\ndef f(total):\n{SIX}\ndef g(total):\n    1\n{SIX}\n"
        f"def h():\n{body(60)}\n" + "x = 1  # noqa\n" * 4
    )
    module = parse_module("m.py", worst)
    ruff = [Finding("m.py", 1, "C901", "f is too complex"), Finding("m.py", 1, "E501", "long")]
    grade = grade_structure(Submission(("m.py",), (module,), (), {}), ruff, load_limits(), ())
    assert grade.share == 0
    assert "E501" not in {finding.code for finding in grade.findings}


def test_files_that_cannot_be_read_scale_the_share() -> None:
    module = parse_module("m.py", "X = 1\n")
    lost = Finding("n.py", 3, "syntax", "invalid syntax")
    submission = Submission(("m.py", "n.py"), (module,), (lost,), {})
    grade = grade_structure(submission, [], load_limits(), ())
    assert (grade.share, grade.findings) == (Fraction(1, 2), (lost,))
