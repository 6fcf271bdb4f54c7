"""A CSV file in which single cells can be changed, and every other byte stays as it was."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

BOM = "\ufeff"
CELL = {
    delimiter: re.compile(rf'"(?:[^"]|"")*"[^{delimiter}\r\n]*|[^{delimiter}\r\n]*')
    for delimiter in (",", ";", "\t")
}


@dataclass
class RawCsv:
    """The file's cells as they are written, quotes included, and what stands between them.

    Attributes:
        rows: raw cells, by row.
        ends: what ends each row: a line break, or "" for the last.
        delimiter: between cells.
        bom: the file begins with a byte order mark.
    """

    rows: list[list[str]]
    ends: list[str]
    delimiter: str
    bom: bool

    @classmethod
    def read(cls, data: bytes) -> RawCsv:
        """Take a file apart.

        Raises:
            UnicodeDecodeError: it is not UTF-8.
        """
        text = data.decode("utf-8")
        bom, text = text.startswith(BOM), text.removeprefix(BOM)
        delimiter = _delimiter(text)
        rows: list[list[str]] = []
        ends: list[str] = []
        row: list[str] = []
        at = 0
        while at < len(text) or row:
            match = CELL[delimiter].match(text, at)
            assert match is not None, "an empty cell matches"
            row.append(match[0])
            at = match.end()
            if text.startswith(delimiter, at):
                at += 1
                continue
            end = "\r\n" if text.startswith("\r\n", at) else text[at : at + 1]
            at += len(end)
            rows.append(row)
            ends.append(end)
            row = []
        return cls(rows, ends, delimiter, bom)

    def write(self) -> bytes:
        """Put it together again."""
        rows = zip(self.rows, self.ends, strict=True)
        text = "".join(self.delimiter.join(row) + end for row, end in rows)
        return (BOM * self.bom + text).encode("utf-8")

    def value(self, row: int, column: int) -> str:
        """What a cell says; "" where the row is shorter."""
        raw = self.rows[row][column] if column < len(self.rows[row]) else ""
        if raw.startswith('"'):
            inner, _, rest = raw[1:].rpartition('"')
            return inner.replace('""', '"') + rest
        return raw

    def set_number(self, row: int, column: int, number: str) -> None:
        """Put a number into a cell. Numbers need no quotes; one that had them keeps them."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        quoted = cells[column].startswith('"')
        cells[column] = f'"{number}"' if quoted else number


def _delimiter(text: str) -> str:
    """As Canvas guesses it: what cuts the first three lines into cells of one number each.

    `;` if that makes more of them than `,`; a tab where neither cuts anything.
    """
    head = text.splitlines()[:3]
    cells = {mark: _cells(head, mark) for mark in ",;\t"}
    if cells[";"] > cells[","]:
        return ";"
    return "\t" if max(cells[","], cells[";"]) <= 1 < cells["\t"] else ","


def _cells(lines: list[str], delimiter: str) -> int:
    """How many cells each of the lines has; 0 if they differ."""
    counts = {len(row) for line in lines for row in csv.reader([line], delimiter=delimiter)}
    return counts.pop() if len(counts) == 1 else 0
