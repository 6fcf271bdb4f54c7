"""Drops the imports that only the cut-out solution needed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.source.lines import cut

Import = ast.Import | ast.ImportFrom
NAME = re.compile(r"[A-Za-z_]\w*")


def drop_unneeded_imports(before: str, after: str) -> str:
    """Remove from `after` each import that something in `before` used and nothing in it uses.

    What was unused before is there on purpose, as is what `__all__` lists, and stays. Only
    imports of the module and of its `if TYPE_CHECKING:` blocks are looked at.

    Args:
        before: the module with its solution.
        after: the module without.

    Returns:
        `after` without those imports, formatted as it was.
    """
    used_before = _used_names(ast.parse(before))
    while True:
        tree = ast.parse(after)
        shorter = _drop_last(after, tree, used_before - _used_names(tree))
        if shorter == after:
            return after
        after = shorter


def _used_names(tree: ast.Module) -> set[str]:
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for text in _texts_with_names(tree):
        names.update(NAME.findall(text))
    return names


def _texts_with_names(tree: ast.Module) -> Iterator[str]:
    """Give string constants that stand for code: quoted annotations and the list `__all__`."""
    for node in ast.walk(tree):
        place: ast.AST | None = None
        if isinstance(node, ast.arg | ast.AnnAssign):
            place = node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            place = node.returns
        elif isinstance(node, ast.Assign) and "__all__" in map(ast.unparse, node.targets):
            place = node.value
        for part in ast.walk(place) if place else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def _drop_last(text: str, tree: ast.Module, unneeded: set[str]) -> str:
    """Remove the unneeded names of the last import statement that has any."""
    lines = text.splitlines(keepends=True)
    for statement, block in reversed(list(_imports(tree))):
        kept = [alias for alias in statement.names if _bound(alias) not in unneeded]
        if len(kept) == len(statement.names):
            continue
        if kept:
            _shorten(lines, statement, kept)
        else:
            whole = block if block is not None and len(block.body) == 1 else statement
            opens_block = block is not None and whole is block.body[0]
            cut(lines, whole.lineno - 1, whole.end_lineno or whole.lineno, opens_block)
        return "".join(lines)
    return text


def _imports(tree: ast.Module) -> Iterator[tuple[Import, ast.If | None]]:
    for statement in tree.body:
        if isinstance(statement, Import):
            yield statement, None
        elif isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            for inner in statement.body:
                if isinstance(inner, Import):
                    yield inner, statement


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _shorten(lines: list[str], statement: Import, kept: list[ast.alias]) -> None:
    """Rewrite one import statement in place: one name a line if it was so, else in one line."""
    start, stop = statement.lineno - 1, statement.end_lineno or statement.lineno
    if stop - start > 1:
        gone = {alias.lineno for alias in statement.names} - {alias.lineno for alias in kept}
        lines[start:stop] = [lines[at] for at in range(start, stop) if at + 1 not in gone]
        return
    head = lines[start][: statement.names[0].col_offset]
    tail = lines[start][statement.names[-1].end_col_offset :]
    lines[start] = head + ", ".join(map(ast.unparse, kept)) + tail
