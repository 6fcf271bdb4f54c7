"""What makes a text recognisable when it has been copied, with other spaces and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

SUBSTANCE = 12
"""Characters, blanks not counted, below which a line (`else:`, `return True`) says nothing."""
DISTINCTIVE = 40
"""Characters from which one line alone is enough to know a text by."""
COMMENT = re.compile(r"(^|\s)#.*")
IMPORT = re.compile(r"\s*(import|from\s+\S+\s+import)\s")

Line = tuple[int, str]
"""Number of a line, counted from 1, and what it says without blanks and comments."""


def telling_lines(text: str, first: int = 1) -> list[Line]:
    """Give the lines of some substance, normalised. Imports say nothing.

    Args:
        text: any text.
        first: number of its first line.
    """
    found = []
    for number, line in enumerate(text.split("\n"), start=first):
        bare = "".join(COMMENT.sub("", line).split())
        if len(bare) >= SUBSTANCE and not IMPORT.match(line):
            found.append((number, bare))
    return found


def runs(lines: list[Line], length: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Give every `length` consecutive telling lines, with the number of the first of them."""
    for at in range(len(lines) - length + 1):
        yield lines[at][0], tuple(text for _, text in lines[at : at + length])


@dataclass
class Fingerprints:
    """Secret texts as sets to look up in. Each entry says where it is from."""

    lines: dict[str, str] = field(default_factory=dict)
    runs: dict[tuple[str, ...], str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def learn(self, lines: list[Line], run: int, origin: str, public: str) -> None:
        """Add a secret text.

        Args:
            lines: its telling lines.
            run: how many consecutive ones are taken for a copy.
            origin: what to call the text in a report.
            public: a text whose lines and runs are no secret.
        """
        known = telling_lines(public)
        known_lines = {text for _, text in known}
        known_runs = {texts for _, texts in runs(known, run)}
        for _, text in lines:
            if len(text) >= DISTINCTIVE and text not in known_lines:
                self.lines.setdefault(text, origin)
        for _, texts in runs(lines, run):
            if texts not in known_runs:
                self.runs.setdefault(texts, origin)

    def learn_file(self, content: bytes, origin: str) -> None:
        """Add a secret file as a whole."""
        self.files.setdefault(sha256(content).hexdigest(), origin)

    def unlearn(self, text: str) -> None:
        """Forget single lines that stand in a public text, too. Runs of lines stay secret."""
        for _, line in telling_lines(text):
            self.lines.pop(line, None)

    def found_in(self, content: bytes) -> Iterator[tuple[int, str]]:
        """Give the first line at which each secret text shows in `content`, and its origin."""
        origin = self.files.get(sha256(content).hexdigest())
        if origin is not None:
            yield 1, origin
            return
        lines = telling_lines(content.decode("utf-8", "replace"))
        hits = [(at, self.lines.get(text)) for at, text in lines]
        for length in {len(texts) for texts in self.runs}:
            hits += [(at, self.runs.get(texts)) for at, texts in runs(lines, length)]
        first: dict[str, int] = {}
        for at, origin in hits:
            if origin is not None:
                first[origin] = min(at, first.get(origin, at))
        yield from sorted((at, origin) for origin, at in first.items())
