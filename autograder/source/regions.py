"""Finds the solution regions of a reference module, and refuses markers that are not clear.

A region is what stands between `# BEGIN SOLUTION` and `# END SOLUTION`, each alone on its line and
indented as the statements between them. It holds whole statements of one block.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
MARKER = re.compile(r"\b(?:BEGIN|END)[ _-]*SOLUTION\b", re.IGNORECASE)


class StripError(Exception):
    """A module that cannot be stripped. One line: file:line, what is wrong, what to do."""


@dataclass(frozen=True)
class Region:
    """One solution region.

    Attributes:
        begin: line of the BEGIN marker, counted from 1.
        end: line of the END marker.
        indent: number of blanks before both markers.
        owner: qualified name of the function or class around it, "" for the module.
        in_function: it is part of a function's body, where a stub takes its place.
        opens_block: no statement of its block stands before it.
    """

    begin: int
    end: int
    indent: int
    owner: str
    in_function: bool
    opens_block: bool


@dataclass(frozen=True)
class _Block:
    """A list of statements, where it hangs, and the first line of what it hangs on."""

    statements: list[ast.stmt]
    owner: tuple[str, ...]
    in_function: bool
    documented: bool
    line: int


def find_regions(source: str, name: str) -> tuple[Region, ...]:
    """Find the solution regions of a module, in its order.

    Args:
        source: the module's text.
        name: how errors call the module.

    Raises:
        StripError: markers are nested, unclosed, unopened, misspelt or differently indented, or
            do not stand around whole statements of one block.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise StripError(f"{name}:{error.lineno}: not valid Python ({error.msg})") from error
    blocks = list(_blocks(tree, (), False, 0))
    return tuple(_place(blocks, *span, name) for span in _spans(source, name))


def first_line(statement: ast.stmt) -> int:
    """The line on which a statement begins, its decorators counted in."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _spans(source: str, name: str) -> Iterator[tuple[int, int, int]]:
    """Give line of BEGIN, line of END and indentation of each pair of markers."""
    opened: tuple[int, int] | None = None
    for number, line in _marked_lines(source, name):
        where, indent = f"{name}:{number}", len(line) - len(line.lstrip())
        if line.strip() == BEGIN:
            if opened:
                raise StripError(f"{where}: a region in the one of line {opened[0]}: end that one")
            opened = number, indent
        elif opened is None:
            raise StripError(f"{where}: END without BEGIN: add '{BEGIN}' or remove this marker")
        elif indent != opened[1]:
            raise StripError(
                f"{where}: indented by {indent}, its BEGIN on line {opened[0]} by {opened[1]}: "
                "indent both alike"
            )
        else:
            yield opened[0], number, indent
            opened = None
    if opened:
        raise StripError(f"{name}:{opened[0]}: BEGIN without END: add '{END}' after the solution")


def _marked_lines(source: str, name: str) -> Iterator[tuple[int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
    for number, line in enumerate(source.split("\n"), start=1):
        if not MARKER.search(line):
            continue
        if line.strip() not in (BEGIN, END) or number not in comments:
            raise StripError(
                f"{name}:{number}: not a marker: write '{BEGIN}' or '{END}' as a comment alone "
                "on its line"
            )
        yield number, line


def _blocks(
    node: ast.AST, owner: tuple[str, ...], in_function: bool, line: int
) -> Iterator[_Block]:
    """Give every list of statements at or below `node`."""
    line = first_line(node) if isinstance(node, ast.stmt) else line
    documented = isinstance(node, ast.Module)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        owner, in_function = (*owner, node.name), not isinstance(node, ast.ClassDef)
        documented = True
    for _, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield _Block(value, owner, in_function, documented and _is_text(value[0]), line)
    for child in ast.iter_child_nodes(node):
        yield from _blocks(child, owner, in_function, line)


def _is_text(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _place(blocks: list[_Block], begin: int, end: int, indent: int, name: str) -> Region:
    """Find the block whose statements the region holds."""
    where = f"{name}:{begin}"
    held = [
        (block, [each for each in block.statements if begin < first_line(each) < end])
        for block in blocks
        if not begin < block.line < end
    ]
    held = [(block, inside) for block, inside in held if inside]
    if not held:
        raise StripError(f"{where}: no statement in the region: put whole statements into it")
    block, inside = held[0]
    if len(held) > 1 or any(_is_cut(each, begin, end) for each in block.statements):
        raise StripError(f"{where}: the region cuts a statement: put whole statements into it")
    if any(each.col_offset != indent for each in inside):
        raise StripError(f"{where}: indent the markers as the statements between them")
    opens_block = inside[0] is block.statements[0]
    if block.documented and opens_block:
        raise StripError(f"{where}: the docstring is in the region: begin the region after it")
    if len(inside) == len(block.statements) and not block.in_function:
        raise StripError(f"{where}: nothing would be left of the block: keep a statement outside")
    return Region(begin, end, indent, ".".join(block.owner), block.in_function, opens_block)


def _is_cut(statement: ast.stmt, begin: int, end: int) -> bool:
    """Whether a marker stands in a statement that goes on at its other side."""
    first, last = first_line(statement), statement.end_lineno or statement.lineno
    return first < begin < last or begin < first < end < last
