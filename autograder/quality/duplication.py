"""Statements that stand in two places of a submission."""

from __future__ import annotations

import token
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.quality.findings import Finding
from autograder.quality.modules import Module

LAYOUT = (token.NL, token.NEWLINE, token.INDENT, token.DEDENT, token.ENDMARKER)
NOT_COPIED = ("import", "from", "@")


@dataclass(frozen=True)
class Statement:
    """One logical line without layout and comments."""

    file: str
    line: int
    tokens: tuple[str, ...]


def clones(modules: Sequence[Module], length: int) -> Iterator[Finding]:
    """A finding for each run of at least `length` statements that stood somewhere before.

    Layout, comments, docstrings, imports and decorators do not count: a statement is its tokens.
    """
    found = [statement for module in modules for statement in statements(module)]
    runs = [_window(found, start, length) for start in range(len(found) - length + 1)]
    first_seen: dict[tuple[tuple[str, ...], ...], int] = {}
    copied_until = 0
    for start, run in enumerate(runs):
        if run is None:
            continue
        earlier = first_seen.setdefault(run, start)
        if earlier + length <= start and start >= copied_until:
            copied_until = start + _common(found, earlier, start)
            count = copied_until - start
            place = f"{found[earlier].file}:{found[earlier].line}"
            message = f"{count} statements are the same as from {place} on"
            fix = "write them once, in a function"
            yield Finding(found[start].file, found[start].line, "duplicate", message, fix)


def statements(module: Module) -> Iterator[Statement]:
    """The statements of a module that could be copies."""
    line: list[tokenize.TokenInfo] = []
    for item in module.tokens:
        if item.type == token.NEWLINE:
            only_text = all(part.type == token.STRING for part in line)
            if line and not only_text and line[0].string not in NOT_COPIED:
                tokens = tuple(part.string for part in line)
                yield Statement(module.file, line[0].start[0], tokens)
            line = []
        elif item.type not in LAYOUT and item.type != tokenize.COMMENT:
            line.append(item)


def _window(
    found: Sequence[Statement], start: int, length: int
) -> tuple[tuple[str, ...], ...] | None:
    """The tokens of a run within one file, None where it would span two."""
    run = found[start : start + length]
    return None if run[0].file != run[-1].file else tuple(part.tokens for part in run)


def _common(found: Sequence[Statement], one: int, two: int) -> int:
    """How many statements from two starts on are the same, not overlapping, in one file each."""
    length = 0
    while (
        two + length < len(found)
        and one + length < two
        and found[two + length].tokens == found[one + length].tokens
        and found[two + length].file == found[two].file
        and found[one + length].file == found[one].file
    ):
        length += 1
    return length
