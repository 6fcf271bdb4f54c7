"""Triton kernels among a submission's functions: other rules hold for them.

A kernel takes each pointer, size and stride by itself, and Triton finds the types of all of them
when it compiles: to group or to annotate them is not the student's to choose.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from autograder.quality.findings import Finding
from autograder.quality.modules import Module

DECORATORS = ("triton.jit", "jit")
OF_THE_SIGNATURE = ("no-untyped-def", "untyped-decorator", "no-untyped-call")
"""Errors of mypy that Triton's own types would take away, if it shipped any."""


def is_kernel(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """True for a function that `triton.jit` decorates, with options or without."""
    plain = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return any(ast.unparse(one) in DECORATORS for one in plain)


def signature_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the one before the first statement."""
    return node.body[0].lineno - node.lineno


def beside_kernels(modules: Sequence[Module], errors: Iterable[Finding]) -> list[Finding]:
    """The errors of mypy without those about a kernel's signature."""
    inside = {
        (module.file, line)
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef) and is_kernel(node)
        for line in range(node.decorator_list[0].lineno, (node.end_lineno or node.lineno) + 1)
    }
    codes = {f"mypy[{code}]" for code in OF_THE_SIGNATURE}
    return [
        error
        for error in errors
        if error.code not in codes or (error.file, error.line) not in inside
    ]
