"""Fingerprints of code that renaming, comments and layout do not change.

Winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003): hashes of every LENGTH tokens in a row, and
of every WINDOW of those the smallest. Any part of LENGTH + WINDOW - 1 tokens that two texts share
leaves a common fingerprint.
"""

from __future__ import annotations

import io
import keyword
import tokenize
import zlib
from collections.abc import Iterator
from pathlib import Path

LENGTH, WINDOW = 24, 12
LAYOUT = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
)
MOST_BYTES = 1 << 20

Fingerprints = dict[int, tuple[str, int]]
"""By hash: the file and the line where its tokens begin."""


def fingerprints(package: Path) -> Fingerprints:
    """The fingerprints of all Python files of a folder. What cannot be read has none."""
    found: Fingerprints = {}
    for file in sorted(package.glob("*.py")):
        if file.is_file() and file.stat().st_size <= MOST_BYTES:
            for value, line in _winnowed(list(_tokens(file.read_text("utf-8", "replace")))):
                found.setdefault(value, (file.name, line))
    return found


def _winnowed(tokens: list[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    """Hashes to keep, with the line of each."""
    words = [word.encode() for word, _ in tokens]
    hashes = [
        (zlib.crc32(b" ".join(words[at : at + LENGTH])), tokens[at][1])
        for at in range(len(words) - LENGTH + 1)
    ]
    last = None
    for at in range(max(0, len(hashes) - WINDOW + 1)):
        least = min(hashes[at : at + WINDOW])
        if least != last:
            last = least
            yield least


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Tokens with their lines: names alike, numbers alike, strings alike, docstrings none."""
    begins = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in LAYOUT:
                begins = begins or token.type in (tokenize.NEWLINE, tokenize.INDENT)
                continue
            if token.type == tokenize.STRING and begins:
                continue  # a docstring: most of them were given
            begins = False
            word = token.string
            if token.type == tokenize.NAME and not keyword.iskeyword(word):
                word = "name"
            elif token.type in (tokenize.NUMBER, tokenize.STRING):
                word = tokenize.tok_name[token.type]
            yield word, token.start[0]
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return  # what came before the error counts
