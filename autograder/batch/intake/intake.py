"""The whole intake: download -> submissions -> snapshots -> manifest, held against the roster."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection
from contextlib import ExitStack
from pathlib import Path

from autograder.batch.intake.found import Found, SourceError
from autograder.batch.intake.manifest import Entry
from autograder.batch.intake.matching import Match, Matcher
from autograder.batch.intake.names import JUNK, Refused
from autograder.batch.intake.snapshot import take
from autograder.batch.intake.sources import kind_of, read_source
from autograder.batch.intake.unpack import EXPORT, is_archive, unpack

Tell = Callable[[int, int], None]


def take_in(
    download: Path,
    store: Path,
    modules: Collection[str],
    matcher: Matcher | None,
    kind: str = "",
    tell: Tell = lambda done, total: None,
) -> list[Entry]:
    """Take in a download; every submission in it gets its line, readable or not.

    Args:
        download: a folder, or the archive as the gradebook gave it.
        store: folder of snapshots.
        modules: names of the files that students write.
        matcher: looks students up; None where there is no roster.
        kind: name of the source; "" to find out.
        tell: called with how many are taken in, of how many.

    Raises:
        SourceError: the download itself cannot be read.
    """
    with ExitStack() as stack:
        folder = download
        if download.is_file() and is_archive(download.name):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="intake-")))
            try:
                unpack(download, folder, EXPORT, tolerant=True)
            except Refused as refused:
                raise SourceError(f"{download}: {refused}") from None
        if not folder.is_dir():
            raise SourceError(f"{download}: no such folder or archive")
        found = read_source(_only_folder(folder) if folder != download else folder, kind)
        entries = []
        for number, one in enumerate(found, 1):
            entries.append(_entry(one, store, modules, matcher))
            tell(number, len(found))
    return entries


def _entry(found: Found, store: Path, modules: Collection[str], matcher: Matcher | None) -> Entry:
    match = matcher.match(found) if matcher else Match(())
    content, problem = "", found.problem
    notes: tuple[str, ...] = ()
    if not problem:
        try:
            snapshot = take(found.sent, store, modules)
            content, notes = snapshot.content, snapshot.notes[:20]
        except Refused as refused:
            problem = str(refused)
    return Entry(
        key=found.key,
        source=found.source,
        people=found.people,
        students=match.students,
        submitted_at=found.submitted_at,
        late=found.late,
        content=content,
        problem=problem,
        notes=notes,
        unmatched=match.problem,
        suggested=(match.suggested, match.likeness),
    )


def _only_folder(folder: Path) -> Path:
    """An archive of a folder holds that folder: what is wanted is one step down."""
    entries = [entry for entry in folder.iterdir() if entry.name not in JUNK]
    lone = entries[0] if len(entries) == 1 else folder
    return lone if lone.is_dir() and kind_of(folder) == "plain" else folder
