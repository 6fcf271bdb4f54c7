"""What a kernel file may import and use: read as text, never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

IMPORTS = (
    "__future__",
    "collections",
    "dataclasses",
    "enum",
    "functools",
    "math",
    "pagedlab",
    "torch",
    "triton",
    "typing",
)
"""Modules, and what is below them."""
TORCH_PARTS = ("_C", "_dynamo", "autograd", "compile", "export", "func", "fx", "jit", "library")
TORCH_PARTS += ("linalg", "nested", "nn", "ops", "sparse", "special", "utils")
"""Parts of torch that compute, or that reach behind what the grader sees."""
BEHIND = ("numpy", "from_numpy", "untyped_storage", "storage", "set_", "__dict__", "__globals__")
"""Attributes through which numbers get in or out without an operation."""


def forbidden_uses(file: Path) -> Iterator[str]:
    """Each use of what would do a kernel's work, with its line. Nothing if it cannot be read."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError, RecursionError):
        return
    for node in ast.walk(tree):
        for name in _used(node):
            yield f"{file.name}:{getattr(node, 'lineno', 0)} uses {name}"


def _used(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names if not _allowed(one.name))
    elif isinstance(node, ast.ImportFrom) and not node.level:
        named = [f"{node.module}.{one.name}" for one in node.names]
        yield from (name for name in (f"{node.module}", *named) if not _allowed(name))
    elif isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Name) and node.value.id == "torch":
            if node.attr in TORCH_PARTS:
                yield f"torch.{node.attr}"
        elif node.attr in BEHIND:
            yield node.attr
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in ("exec", "eval", "__import__", "getattr", "compile"):
            yield node.func.id


def _allowed(name: str) -> bool:
    top, _, below = name.partition(".")
    if top == "torch" and below.split(".")[0] in TORCH_PARTS:
        return False
    return top in IMPORTS
