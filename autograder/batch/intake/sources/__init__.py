"""One reader for each way in which submissions reach an instructor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from autograder.batch.intake.found import Found, SourceError
from autograder.batch.intake.sources import canvas, classroom50, gradescope, moodle, plain

READERS: Mapping[str, Callable[[Path], list[Found]]] = {
    "gradescope": gradescope.read,
    "classroom50": classroom50.read,
    "moodle": moodle.read,
    "canvas": canvas.read,
    "plain": plain.read,
}
"""By name of the source."""


def kind_of(folder: Path) -> str:
    """Which source a folder came from, by what only that source's downloads have in them."""
    for name, module in (
        ("gradescope", gradescope),
        ("classroom50", classroom50),
        ("moodle", moodle),
        ("canvas", canvas),
    ):
        if module.recognises(folder):
            return name
    return "plain"


def read_source(folder: Path, kind: str = "") -> list[Found]:
    """All submissions of a download, in the order of their keys.

    Args:
        folder: what the instructor downloaded, unpacked.
        kind: a name of `READERS`; "" to find out.

    Raises:
        SourceError: it is not what it is said to be.
    """
    found = READERS[kind or kind_of(folder)](folder)
    keys = [one.key for one in found]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise SourceError(f"{folder}: two submissions are called {twice[0]}")
    return sorted(found, key=lambda one: one.key)
