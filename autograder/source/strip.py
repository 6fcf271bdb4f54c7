"""The stripper: makes a module of the starter out of a module of the reference."""

from __future__ import annotations

import ast
import re

from autograder.source.imports import drop_unneeded_imports
from autograder.source.lines import cut
from autograder.source.regions import Region, StripError, find_regions

LINE_LENGTH = 100
STAGE = re.compile(r"Stage (\d+)\.")


def strip(source: str, name: str, stage: int | None = None) -> str:
    """Cut the solution out of a module.

    Inside a function a region becomes a `raise NotImplementedError` that names the stage and the
    function; anywhere else it disappears. Imports that only the solution needed go with it. All
    other lines stay byte for byte.

    Args:
        source: the reference module's text.
        name: how errors call the module, such as "block_pool.py".
        stage: number for the stubs' message; by default that of the docstring ("Stage 1. ...").

    Raises:
        StripError: the markers are wrong, the stage is not known, or nothing valid would be left.
    """
    regions = find_regions(source, name)
    if not regions:
        return source
    lines = source.splitlines(keepends=True)
    for region in reversed(regions):
        if region.in_function:
            stub = _stub(region, stage_of(source, name) if stage is None else stage)
            lines[region.begin - 1 : region.end] = [stub]
        else:
            cut(lines, region.begin - 1, region.end, region.opens_block)
    stripped = "".join(lines)
    try:
        ast.parse(stripped)
    except SyntaxError as error:
        raise StripError(
            f"{name}:{regions[0].begin}: without its regions the module is not valid Python "
            f"({error.msg}): keep a statement outside in every block"
        ) from error
    return drop_unneeded_imports(source, stripped)


def stage_of(source: str, name: str) -> int:
    """The stage that a module's docstring begins with.

    Raises:
        StripError: it begins with none.
    """
    found = STAGE.match(ast.get_docstring(ast.parse(source)) or "")
    if found is None:
        raise StripError(f"{name}:1: no stage known: begin the module's docstring with 'Stage 1.'")
    return int(found[1])


def stub_message(stage: int, owner: str) -> str:
    """What calling a function that is not written yet says."""
    return f"Stage {stage} · {owner} is not written yet"


def _stub(region: Region, stage: int) -> str:
    indent = " " * region.indent
    message = f'"{stub_message(stage, region.owner)}"'
    line = f"{indent}raise NotImplementedError({message})\n"
    if len(line) <= LINE_LENGTH + 1:
        return line
    return f"{indent}raise NotImplementedError(\n{indent}    {message}\n{indent})\n"
