"""Long gradings first: what is begun last should be short, so that no process waits for another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.batch.run.log import progress
from autograder.batch.run.plan import Setting, Wanted
from autograder.batch.run.taking_in import modules_of

BYTES_A_SECOND = 2000
"""Of modules that are not the starter's: what grading takes where it was never timed, roughly."""


def longest_first(wanted: Iterable[Wanted], setting: Setting, starter: Path) -> list[Wanted]:
    """The gradings in the order in which to begin them. What they come to does not depend on it.

    Args:
        wanted: in any order.
        setting: of the batch; knows how long the same work took before.
        starter: folder of the modules that students were given.
    """
    names = sorted(modules_of(setting.course))
    given = {name: _content(starter / name) for name in names}

    def expected(one: Wanted) -> float:
        known = setting.known.get(one.content)
        took = progress(setting.folder.log(known)).wall_seconds if known else 0.0
        if took:
            return took
        package = setting.folder.store / one.content / "pagedlab"
        texts = {name: _content(package / name) for name in names}
        written = sum(len(text) for name, text in texts.items() if text != given[name])
        return written / BYTES_A_SECOND

    return sorted(wanted, key=expected, reverse=True)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
