"""Cells that a spreadsheet must not take for formulas.

A name or a reason may come from a student. A cell that begins with one of these signs is computed
when an instructor opens the file (OWASP, "CSV Injection"), so it gets an apostrophe in front.
"""

from __future__ import annotations

import re

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def guarded(cell: str) -> str:
    """The cell, harmless. Numbers stay numbers."""
    text = cell.replace("\0", "")
    if text.lstrip(" ").startswith(SIGNS) and not NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unguarded(cell: str) -> str:
    """The inverse of `guarded`."""
    inner = cell.removeprefix("'")
    return inner if inner != cell and guarded(inner) == cell else cell
