"""Which modules a submission may import."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Mapping

from autograder.quality.findings import Finding
from autograder.quality.modules import Module

WAYS_AROUND = ("__import__", "eval", "exec", "compile", "open", "globals", "breakpoint", "input")
FIX = "do without it"


def forbidden_imports(
    module: Module, denied: Mapping[str, str], needs: Collection[str], ours: Collection[str]
) -> Iterator[Finding]:
    """A finding for each import beyond the standard library, `pagedlab` and the stage's needs.

    Args:
        module: the module to look at.
        denied: standard modules that are not allowed either, each with the reason.
        needs: packages that the stage may use.
        ours: names of the modules of `pagedlab` that there are.
    """
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in _imported(node):
                why = _why_not(name, denied, needs, ours)
                if why:
                    message = f"imports {name}, which {why}"
                    yield Finding(module.file, node.lineno, "import", message, FIX)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in WAYS_AROUND:
                message = f"calls {node.func.id}, which reaches outside the submission"
                yield Finding(module.file, node.lineno, "import", message, FIX)


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Full names of the modules that a statement may import."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    source = node.module or ""
    if node.level:
        source = f"pagedlab.{source}".rstrip(".")
    if source == "pagedlab":
        return [f"pagedlab.{alias.name}" for alias in node.names]
    return [source]


def _why_not(
    name: str, denied: Mapping[str, str], needs: Collection[str], ours: Collection[str]
) -> str:
    top, _, rest = name.partition(".")
    if top == "pagedlab":
        known = not rest or rest.split(".")[0] in ours
        return "" if known else "is no module of this stage"
    if top in needs:
        return ""
    if top in denied:
        return denied[top]
    if top not in sys.stdlib_module_names or (top.startswith("_") and top != "__future__"):
        return "is not in the standard library"
    return ""
