"""Cutting lines out of a formatted source text so that the formatter has nothing to add."""

from __future__ import annotations


def cut(lines: list[str], start: int, stop: int, opens_block: bool = False) -> None:
    """Remove `lines[start:stop]` in place, and leave one gap where there were two.

    The wider of the blank gaps before and after stays; at the end of the text none does.

    Args:
        lines: a text's lines with their line ends.
        start: index of the first line to remove.
        stop: index after the last line to remove.
        opens_block: the lines were the first of a block, where a formatter wants no gap.
    """
    before, after = start, stop
    while before > 0 and not lines[before - 1].strip():
        before -= 1
    while after < len(lines) and not lines[after].strip():
        after += 1
    gap = 0 if opens_block else max(start - before, after - stop)
    lines[before:after] = ["\n"] * (gap if before > 0 and after < len(lines) else 0)
