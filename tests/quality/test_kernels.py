"""Triton kernels: what the compiler types, and what nobody can group, costs no points."""

from __future__ import annotations

import pytest

from autograder.quality.findings import Finding
from autograder.quality.kernels import beside_kernels
from autograder.quality.limits import load_limits
from autograder.quality.modules import Module, parse_module
from autograder.quality.sizes import oversized

KERNEL = "import triton\n\n\n@{}\ndef kernel(a, b, c, d, e, f, g, h):\n    pass\n"
LONG = "import triton\n\n\n@triton.jit\ndef kernel(\n{}):\n{}"


def module(text: str) -> Module:
    return parse_module("m.py", text)


def codes(text: str, declared: tuple[str, ...] = ()) -> list[str]:
    return [found.code for found in oversized(module(text), load_limits(), declared)]


@pytest.mark.parametrize("decorator", ["triton.jit", "triton.jit(debug=True)", "jit"])
def test_a_kernel_takes_any_number_of_arguments(decorator: str) -> None:
    assert codes(KERNEL.format(decorator)) == []


def test_another_decorated_function_does_not() -> None:
    assert codes(KERNEL.format("triton.heuristics")) == ["arguments"]


def test_a_function_that_the_starter_declares_keeps_its_arguments() -> None:
    text = "def given(a, b, c, d, e, f, g):\n    pass\n"
    assert codes(text) == ["arguments"]
    assert codes(text, ("given",)) == []


@pytest.mark.parametrize(("statements", "found"), [(55, []), (61, ["length"])])
def test_lines_that_list_a_kernels_arguments_do_not_count(
    statements: int, found: list[str]
) -> None:
    arguments = "".join(f"    a{number},\n" for number in range(30))
    assert codes(LONG.format(arguments, "    pass\n" * statements)) == found


def test_missing_types_are_forgiven_in_a_kernel_and_nowhere_else() -> None:
    text = KERNEL.format("triton.jit") + "\n\ndef other(a):\n    pass\n"
    errors = [
        Finding("m.py", line, f"mypy[{code}]", "", "")
        for line, code in (
            *((4, "untyped-decorator"), (5, "no-untyped-def")),
            *((5, "name-defined"), (9, "no-untyped-def")),
        )
    ]
    kept = beside_kernels([module(text)], errors)
    assert [(one.line, one.code) for one in kept] == [
        (5, "mypy[name-defined]"),
        (9, "mypy[no-untyped-def]"),
    ]
