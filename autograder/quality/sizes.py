"""Size of functions: how long they are, what they take, how deeply they nest."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from autograder.quality.findings import Finding
from autograder.quality.kernels import is_kernel, signature_lines
from autograder.quality.limits import Limits
from autograder.quality.modules import Module, code_lines

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Function | ast.ClassDef | ast.Lambda
Block = ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Try | ast.Match


def oversized(module: Module, limits: Limits, declared: Collection[str] = ()) -> Iterator[Finding]:
    """A finding for each function, nested ones too, that is beyond one of the limits.

    Args:
        module: the module to look at.
        limits: the limits.
        declared: functions whose arguments the starter declares; they may be any number. So may a
            Triton kernel's, and the lines in which it lists them do not count.
    """
    for node in ast.walk(module.tree):
        if not isinstance(node, Function):
            continue
        lines, arguments, depth = code_lines(node), _arguments(node), _nesting(node)
        name, at = node.name, node.lineno
        if is_kernel(node):
            lines, arguments = lines - signature_lines(node), 0
        elif name in declared:
            arguments = 0
        if lines > limits.function_lines:
            message = f"{name} has {lines} lines, more than {limits.function_lines}"
            yield Finding(module.file, at, "length", message, "split it into steps with names")
        if arguments > limits.arguments:
            message = f"{name} takes {arguments} arguments, more than {limits.arguments}"
            yield Finding(module.file, at, "arguments", message, "group what belongs together")
        if depth > limits.nesting:
            message = f"{name} nests {depth} blocks, more than {limits.nesting}"
            yield Finding(module.file, at, "nesting", message, "return early or split it")


def _arguments(node: Function) -> int:
    """Arguments that a caller passes; the first of a method does not count."""
    given = node.args
    plain = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    if plain[:1] in (["self"], ["cls"]):
        plain = plain[1:]
    stars = (given.vararg is not None) + (given.kwarg is not None)
    return len(plain) + len(given.kwonlyargs) + stars


def _nesting(node: ast.AST) -> int:
    """Blocks inside one another below `node`; an `elif` stands beside its `if`."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Scope):
            continue
        below = _nesting(child)
        is_elif = isinstance(node, ast.If) and [child] == node.orelse and isinstance(child, ast.If)
        deepest = max(deepest, below + (isinstance(child, Block) and not is_elif))
    return deepest
