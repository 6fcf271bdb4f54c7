"""`python -m autograder rubric`: write, or check, what documents show of the rubric."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.rubric.load import load_course
from autograder.rubric.model import RubricError
from autograder.source.generated import fill
from autograder.source.rubric_tables import cells_table, checkpoint, rules_tables

ROOT = Path(__file__).resolve().parents[2]


def main(argv: list[str], root: Path = ROOT) -> int:
    """Run the verb.

    Args:
        argv: arguments after the verb.
        root: of this repository.

    Returns:
        0 done, or nothing to do; 1 a checked document is out of date; 3 the rubric or a document
        cannot be used.
    """
    parser = argparse.ArgumentParser(
        prog="python -m autograder rubric",
        description="Generate the tables of rubric.md and of the handouts from assignments/.",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if a table is not up to date"
    )
    check = bool(parser.parse_args(argv).check)
    try:
        stale = {path: text for path, text in generate(root).items() if _read(path) != text}
    except RubricError as error:
        print(f"rubric: {error}", file=sys.stderr)
        return 3
    for path, text in stale.items():
        if not check:
            path.write_text(text, encoding="utf-8")
        print(path.relative_to(root))
    if not stale:
        print("the tables are up to date", file=sys.stderr)
    elif check:
        print("run `make rubric` and commit what it writes", file=sys.stderr)
    return 1 if check and stale else 0


def generate(root: Path) -> dict[Path, str]:
    """Give each document with generated blocks as it should be. Writes nothing.

    Args:
        root: a repository with `rubric.md` and `assignments/`.

    Raises:
        RubricError: the rubric contradicts itself, or a document or one of its blocks is missing.
    """
    course = load_course(root / "assignments")
    contents = {root / "rubric.md": {"cells": cells_table(course), "rules": rules_tables(course)}}
    for stage in course.stages:
        contents[stage.folder / "README.md"] = {"checkpoint": checkpoint(stage)}
    return {path: _filled(path, blocks) for path, blocks in contents.items()}


def _filled(path: Path, blocks: dict[str, str]) -> str:
    text = _read(path)
    try:
        for name, content in blocks.items():
            text = fill(text, name, content)
    except RubricError as error:
        raise RubricError(f"{path}: {error}") from None
    return text


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RubricError(f"{path}: cannot be read ({error.strerror})") from error
