"""Tables in Markdown whose columns line up, so that they can be read as plain text too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Give the lines of a table. A column stands right if all its cells begin with a digit."""
    columns = list(zip(*rows, strict=True))
    widths = [max(len(head), *map(len, cells)) for head, cells in zip(heads, columns, strict=True)]
    right = [all(cell[:1].isdigit() for cell in cells) for cells in columns]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(cells, widths, right, strict=True)
        )
        return f"| {' | '.join(padded)} |"

    yield line(heads)
    rules = [
        "-" * (width + 1) + (":" if is_right else "-")
        for width, is_right in zip(widths, right, strict=True)
    ]
    yield f"|{'|'.join(rules)}|"
    for row in rows:
        yield line(row)
